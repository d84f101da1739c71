"""Reports: what the bias makes them say, and that their words say what they claim.

Two truths worked by hand; the rest on phantoms' truths, with ``parse``, which reads cues
and knows nothing of how reports are written, as the judge of their words.
"""

import re
from collections import Counter

import numpy as np
import pytest

from negcxr.data.phantoms import truths
from negcxr.data.reports import Bias, Report, Sentence, labels, words, write_report
from negcxr.data.truth import FINDINGS, Sign, Truth, World
from negcxr.errors import InputError
from negcxr.text.cues import CUES, parse

SICK = Truth(
    "PA",
    {
        "Edema": Sign("both", severity=1),
        "Pleural Effusion": Sign("left", severity=3),
        "Lung Lesion": Sign("right", "upper", 2),
    },
)
WELL = Truth("PA", {})
ABSENT = [finding for finding in FINDINGS if not SICK.has(finding)]
NAN = float("nan")
PLAIN = {"detail": 0.0, "synonym": 0.0, "normal": 0.0}
# Everything at once, and often.
MIXED = Bias(0.8, 0.5, hedge=0.2, doubt=0.1, equivalent=0.2, scope=0.4, detail=0.5)


def write(truth, seed=0, **bias):
    return write_report(truth, Bias(**{**PLAIN, **bias}), np.random.default_rng(seed))


def claimed(report):
    """What a report claims of each finding that it mentions."""
    return {claim.finding: claim.polarity for claim in report.statements}


@pytest.fixture(scope="module")
def mixed():
    """Five hundred reports of every kind, each with its truth."""
    known = truths(0, "train", range(500), World())
    return [
        (truth, write_report(truth, MIXED, np.random.default_rng(i)))
        for i, truth in enumerate(known)
    ]


def test_all_mentioned_and_nothing_denied_affirms_just_what_is_present():
    assert claimed(write(SICK, mention=1, deny=0)) == dict.fromkeys(SICK.signs, "affirmed")


def test_nothing_mentioned_and_all_denied_denies_just_what_is_absent():
    assert claimed(write(SICK, mention=0, deny=1)) == dict.fromkeys(ABSENT, "denied")


def test_a_report_that_mentions_and_denies_nothing_is_empty():
    report = write(SICK, mention=0, deny=0)
    assert (report.text, report.statements) == ("", ())
    assert np.isnan(labels(report)).all()


def test_hedges_take_the_place_of_affirmations():
    report = write(SICK, mention=1, deny=0, hedge=1)
    assert claimed(report) == dict.fromkeys(SICK.signs, "hedged")
    present = [FINDINGS.index(finding) for finding in SICK.signs]
    assert labels(report)[present].tolist() == [-1, -1, -1]


def test_doubt_hedges_what_is_absent():
    report = write(SICK, mention=0, deny=1, doubt=1)
    assert claimed(report) == dict.fromkeys(ABSENT, "hedged")


def test_equivalents_take_the_place_of_denials_where_there_are_any():
    report = write(SICK, mention=0, deny=1, equivalent=1)
    expected = dict.fromkeys(ABSENT, "equivalent") | {"Support Devices": "denied"}
    assert claimed(report) == expected
    absent = [FINDINGS.index(finding) for finding in ABSENT]
    assert labels(report)[absent].tolist() == [0] * len(ABSENT)
    for claim in report.statements:
        if claim.polarity == "equivalent":
            assert claim.text in words()["findings"][claim.finding]["equivalents"]


def test_labels_are_the_four_values_in_the_order_of_the_findings():
    report = write(SICK, mention=1, deny=0, deny_rates={"Atelectasis": 1.0})
    expected = {f: 1.0 for f in SICK.signs} | {"Atelectasis": 0.0}
    np.testing.assert_array_equal(labels(report), [expected.get(f, NAN) for f in FINDINGS])


@pytest.mark.parametrize("seed", range(20))
def test_denials_under_one_cue_are_one_sentence(seed):
    (sentence,) = write(SICK, seed, mention=0, deny=1, scope=1).sentences
    names = [words()["findings"][finding]["phrase"] for finding in ABSENT]
    items = "cardiomegaly, consolidation, atelectasis, pneumothorax or support devices"
    assert names == re.split(", | or ", items)
    cue = sentence.text.removesuffix(f" {items}")
    assert cue in ("no", "no evidence of", "negative for", "without")
    assert [c.finding for c in sentence.statements] == ABSENT
    assert {c.cue for c in sentence.statements} == {cue}
    assert sentence.statements[0].text == f"{cue} cardiomegaly"


@pytest.mark.parametrize("seed", range(20))
def test_a_lone_denial_is_set_against_an_affirmation(seed):
    rates = {"Pneumothorax": 1.0}
    report = write(SICK, seed, mention=1, deny=0, deny_rates=rates, scope=1)
    (joint,) = [s for s in report.sentences if len(s.statements) == 2]
    assert len(report.sentences) == 3
    affirmed, denied = joint.statements
    assert (affirmed.polarity, denied.polarity) == ("affirmed", "denied")
    assert denied.finding == "Pneumothorax"
    assert joint.text in (
        f"no pneumothorax but {affirmed.text}",
        f"{affirmed.text} without pneumothorax",
    )
    assert denied.cue == ("no" if joint.text.startswith("no") else "without")


def test_a_contrast_claims_no_detail_that_it_does_not_name():
    report = write(SICK, mention=1, deny_rates={"Atelectasis": 1.0}, scope=1, detail=1)
    (joint,) = [s for s in report.sentences if len(s.statements) == 2]
    affirmed = joint.statements[0]
    assert affirmed.sign == Sign()
    assert affirmed.text == words()["findings"][affirmed.finding]["phrase"]


@pytest.mark.parametrize("seed", range(5))
def test_all_details_are_named_where_they_have_a_meaning(seed):
    report = write(SICK, seed, mention=1, detail=1)
    said = {claim.finding: claim.text for claim in report.statements}
    assert "mild pulmonary edema" in said["Edema"]
    assert "large left pleural effusion" in said["Pleural Effusion"]
    assert "medium sized right upper zone lung lesion" in said["Lung Lesion"]


def test_a_device_is_named_by_its_kind():
    truth = Truth("AP", {"Support Devices": Sign(kind="pacemaker")})
    (claim,) = write(truth, mention=1, detail=1).statements
    assert "pacemaker" in claim.text
    assert "support devices" not in claim.text
    assert claim.sign == Sign(kind="pacemaker")


def test_without_details_a_claim_names_none():
    for claim in write(SICK, mention=1).statements:
        assert claim.sign == Sign()
        assert words()["findings"][claim.finding]["phrase"] in claim.text


def test_synonyms_are_used_where_asked_for():
    seen = {claim.text for i in range(50) for claim in write(SICK, i, synonym=1).statements}
    assert any("pleural fluid" in text for text in seen)
    assert not any("pleural effusion" in text for text in seen)


@pytest.mark.parametrize("seed", range(5))
def test_a_chest_without_findings_is_called_normal(seed):
    report = write(WELL, seed, normal=1)
    assert report.text.removesuffix(".") in words()["normal"]
    assert report.statements == ()


def test_a_finding_that_goes_unmentioned_is_not_called_normal():
    assert write(SICK, mention=0, normal=1).text == ""


def test_a_report_is_its_sentences_each_closed_by_a_full_stop():
    report = Report((Sentence("no edema", ()), Sentence("clear lungs", ())))
    assert report.text == "no edema. clear lungs."


@pytest.mark.parametrize("seed", range(200))
def test_labels_are_the_truth_where_it_is_mentioned_and_blank_elsewhere(seed):
    truth = truths(1, "train", [seed], World())[0]
    rng = np.random.default_rng(seed)
    chances = {name: rng.random() for name in ("mention", "deny", "equivalent", "scope")}
    report = write_report(truth, Bias(**chances), rng)
    mentioned = [claim.finding for claim in report.statements]
    assert len(mentioned) == len(set(mentioned))
    for finding, label in zip(FINDINGS, labels(report), strict=True):
        if finding in mentioned:
            assert label == truth.has(finding)
        else:
            assert np.isnan(label)


def test_the_same_stream_writes_the_same_report():
    one, other = (write_report(SICK, MIXED, np.random.default_rng(7)) for _ in range(2))
    assert one == other


def test_sentences_come_in_any_order():
    first = {write(SICK, i, mention=1).statements[0].finding for i in range(50)}
    assert first == set(SICK.signs)


def test_at_least_ten_cues_deny(mixed):
    used = Counter(c.cue for _, r in mixed for c in r.statements if c.polarity == "denied")
    assert len(used) >= 10
    assert used.most_common(1)[0][0] == "no"
    assert set(used) <= {cue.cue for cue in CUES if cue.kind == "denial"}


def test_only_a_denial_has_a_cue(mixed):
    for _, report in mixed:
        for claim in report.statements:
            assert bool(claim.cue) == (claim.polarity == "denied"), claim


def test_words_deny_what_a_claim_denies_and_nothing_else(mixed):
    for _, report in mixed:
        for claim in report.statements:
            read = parse(claim.text)
            if claim.polarity == "denied":
                assert read.affirmed == "", claim
                assert read.denied in _names(claim.finding), claim
            else:
                assert read.denied == "", claim


def test_a_sentence_affirms_and_denies_what_its_claims_do(mixed):
    joint = [s for _, report in mixed for s in report.sentences if len(s.statements) > 1]
    assert len(joint) > 100
    for sentence in joint:
        denied = [c.finding for c in sentence.statements if c.polarity == "denied"]
        affirmed = [c.text for c in sentence.statements if c.polarity == "affirmed"]
        phrases = [words()["findings"][finding]["phrase"] for finding in denied]
        read = parse(sentence.text)
        assert re.split(", | or ", read.denied) == phrases, sentence
        assert read.affirmed == "".join(affirmed), sentence


def test_a_claim_names_its_side_zone_and_kind_and_no_other(mixed):
    side, zone = words()["side"], words()["zone"]
    for _, report in mixed:
        for claim in report.statements:
            if claim.polarity == "affirmed":
                named = [
                    s for s, word in side.items() if re.search(rf"\b{word}\b", claim.text)
                ]
                assert "".join(named) == claim.sign.side, claim
                named = [z for z, word in zone.items() if word in claim.text]
                assert "".join(named) == claim.sign.zone, claim
                assert (claim.sign.kind or "") in claim.text


def test_a_claim_is_no_more_than_the_truth(mixed):
    for truth, report in mixed:
        for claim in report.statements:
            if claim.polarity == "affirmed":
                sign = truth.signs[claim.finding]
                for told, so in zip(claim.sign, sign, strict=True):
                    assert told in (so, type(so)()), claim


def test_details_and_hedges_are_as_frequent_as_stated(mixed):
    told = [c for _, r in mixed for c in r.statements if c.finding == "Pleural Effusion"]
    affirmed = [c for c in told if c.polarity == "affirmed" and "without" not in c.text]
    sides = np.mean([bool(c.sign.side) for c in affirmed])
    assert abs(sides - 0.5) < 4 * np.sqrt(0.25 / len(affirmed)) + 0.1  # contrasts name none


def test_verbs_agree_with_their_nouns():
    truth = Truth("AP", {"Support Devices": Sign(kind="leads")})
    forms = set()
    for seed in range(100):
        for there, bias in ((truth, {"mention": 1}), (WELL, {"deny": 1})):
            for claim in write(there, seed, synonym=0.5, **bias).statements:
                verbs = re.findall(r"\b(is|are)\b", claim.text)
                plural = claim.finding == "Support Devices"
                assert set(verbs) <= {"are" if plural else "is"}, claim
                forms |= set(verbs)
    assert forms == {"is", "are"}


def test_no_text_holds_a_brace_or_two_spaces(mixed):
    for _, report in mixed:
        assert re.fullmatch(r"([a-z, -]+\.( |$))*", report.text), report.text
        assert not re.search(r"  | ,| \.|^ | $", report.text), report.text


@pytest.mark.parametrize("deny", [0.1, 0.5, 0.9])
def test_absent_findings_are_denied_as_often_as_stated(deny):
    known = truths(2, "train", range(200), World())
    reports = [write(truth, i, deny=deny) for i, truth in enumerate(known)]
    absent = sum(len(FINDINGS) - len(truth.signs) for truth in known)
    denied = sum(c.polarity == "denied" for r in reports for c in r.statements)
    assert abs(denied - deny * absent) < 4 * np.sqrt(absent * deny * (1 - deny))


def test_a_rate_of_one_finding_goes_over_the_general_one():
    rates = {"Pneumothorax": 0.0, "Atelectasis": 1.0}
    denied = claimed(write(WELL, deny=1, deny_rates=rates))
    assert set(denied) == set(FINDINGS) - {"Pneumothorax"}
    assert set(claimed(write(WELL, deny=0, deny_rates=rates))) == {"Atelectasis"}


@pytest.mark.parametrize(
    "name",
    [
        "mention",
        "deny",
        "hedge",
        "doubt",
        "equivalent",
        "scope",
        "detail",
        "synonym",
        "normal",
    ],
)
@pytest.mark.parametrize("chance", [-0.1, 1.1, NAN])
def test_a_chance_outside_0_to_1_is_refused(name, chance):
    with pytest.raises(InputError, match=f"{name} is {chance}, not between 0 and 1"):
        Bias(**{name: chance})


def test_a_rate_outside_0_to_1_is_refused():
    with pytest.raises(InputError, match="Edema is 2, not between 0 and 1"):
        Bias(deny_rates={"Edema": 2})


def test_a_rate_of_an_unknown_finding_is_refused():
    with pytest.raises(InputError, match=r"unknown finding \['Fracture'\]"):
        Bias(deny_rates={"Fracture": 0.5})


def _names(finding):
    entry = words()["findings"][finding]
    return [entry["phrase"], *entry["also"]]
