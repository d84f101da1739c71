"""Reports that differ by their denials alone: what is kept, what stays, what is refused."""

import numpy as np
import pytest

from negcxr.data.phantoms import truths
from negcxr.data.rationing import Ration, rationed
from negcxr.data.reports import Bias, Report, Sentence, Statement
from negcxr.data.truth import FINDINGS, World
from negcxr.errors import InputError
from negcxr.finetune.corpus import write_reports

N = 600
KNOWN = truths(0, "train", range(N), World())
EVERY = Bias(mention=1.0, deny=1.0, detail=0.0, synonym=0.0, normal=1.0)
WRITTEN = write_reports(KNOWN, EVERY)


def claims(reports, polarity):
    return [c for r in reports for c in r.statements if c.polarity == polarity]


def one(*texts: str) -> Report:
    said = [Statement("Edema", "denied", text, cue="no") for text in texts]
    return Report(tuple(Sentence(claim.text, (claim,)) for claim in said))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.2, 0.4, 0.8, 1.0])
def test_the_rate_asked_for_is_the_rate_found(share):
    absent = sum(not truth.has(finding) for truth in KNOWN for finding in FINDINGS)
    found = len(claims(rationed(WRITTEN, Ration(share)), "denied")) / absent
    # Of about 3,700 absent findings, three standard errors of a share of 0.4 are 0.024.
    assert found == pytest.approx(share, abs=0.025)


def test_all_levels_affirm_the_same_in_the_same_order():
    few, many = (rationed(WRITTEN, Ration(share)) for share in (0.05, 0.8))
    kept = [
        [[c.text for c in report.statements if c.polarity == "affirmed"] for report in each]
        for each in (few, many)
    ]
    assert kept[0] == kept[1]


def test_a_lower_level_is_a_higher_one_less_some_denials():
    few, many = (rationed(WRITTEN, Ration(share)) for share in (0.05, 0.2))
    for less, more in zip(few, many, strict=True):
        rest = iter(more.sentences)
        assert all(sentence in rest for sentence in less.sentences)  # a subsequence


def test_a_share_of_one_without_cues_is_what_was_written():
    assert rationed(WRITTEN, Ration()) == WRITTEN


@pytest.mark.parametrize("cues", [("no",), ("without",), ("absent", "lack of")])
def test_no_cue_occurs_but_those_asked_for(cues):
    denied = claims(rationed(WRITTEN, Ration(0.5, cues)), "denied")
    assert {claim.cue for claim in denied} == {*cues}
    plain = " ".join(claim.text for claim in denied).split()
    assert ("no" in plain) == ("no" in cues)


def test_other_cues_deny_the_same_findings_of_the_same_phantoms():
    ways = [rationed(WRITTEN, Ration(0.3, cues)) for cues in ((), ("no",), ("without",))]
    denied = [[[c.finding for c in r.statements] for r in reports] for reports in ways]
    assert denied[0] == denied[1] == denied[2]


def test_a_denial_is_worded_by_the_cue_and_the_finding():
    (report,) = rationed([one("edema is absent")], Ration(1.0, ("without",)))
    (claim,) = report.statements
    assert claim.text in ("without pulmonary edema", "chest without pulmonary edema")
    assert (claim.cue, claim.finding) == ("without", "Edema")


def test_cues_come_as_often_as_their_weights_say():
    # no has 0.52 and without 0.10 of the denials: of both together 0.52 / 0.62 = 0.839.
    denied = claims(rationed(WRITTEN, Ration(1.0, ("no", "without"))), "denied")
    share = np.mean([claim.cue == "no" for claim in denied])
    assert share == pytest.approx(0.839, abs=0.02)


def test_a_denial_beside_another_claim_is_refused():
    joined = Sentence("no edema or effusion", one("no edema", "no edema").statements)
    with pytest.raises(InputError, match="makes 2 claims.*a bias whose scope is 0"):
        rationed([Report((joined,))], Ration(1.0, ("no",)))


@pytest.mark.parametrize(
    ("ration", "said"),
    [
        (Ration(1.2), "share of denials is 1.2; allowed: 0 to 1"),
        (Ration(0.5, ("nope",)), "cue 'nope' is not known; choose of no, without"),
    ],
)
def test_what_cannot_be_is_refused(ration, said):
    with pytest.raises(InputError, match=said):
        rationed(WRITTEN[:1], ration)
