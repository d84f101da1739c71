"""Captions from reports: what each image's own report says, as far as it can be checked.

Six images by hand, whose reports say all that a report can; and phantoms, of which many
reports are written.
"""

import json

import numpy as np
import pytest
from tests.finetune.worlds import FINDINGS, NAN, slow_truth, tiny_method

from negcxr.data import reports
from negcxr.data.labels import relevance
from negcxr.data.phantoms import truths
from negcxr.data.registry import load_dataset
from negcxr.data.reporting import CLINICAL, WrittenReports
from negcxr.data.reports import Statement
from negcxr.data.truth import FINDINGS as PHANTOM
from negcxr.data.truth import Sign, World
from negcxr.errors import InputError
from negcxr.finetune.batches import OPTIONS, draw_batch
from negcxr.finetune.methods import method_named
from negcxr.finetune.pool import make_pool
from negcxr.finetune.reported import reported
from negcxr.finetune.sources import TrainingData, gather, set_aside
from negcxr.finetune.statements import Judged, held_out, oppositions, wordings
from negcxr.finetune.trainer import finetune
from negcxr.models import load_encoder
from negcxr.text.prompts import load_prompt_set

STEPS = range(8)
KNOWN = truths(0, "train", range(400), World())
SHARES = {"affirmed": 0.4, "denied": 0.4, "composite": 0.2}
# Kept out of training, and written in reports all the same.
KEPT_CUES = ("negative for", "clear of", "absence of", "lack of", "ruled out")


def says(text, finding="Pleural Effusion", polarity="affirmed", **fields):
    return Statement(finding, polarity, text, **fields)


EFFUSION = says("there is pleural effusion")
SMALL = says("small left effusion", sign=Sign(side="left", severity=1))
NO_EFFUSION = says("no pleural effusion", polarity="denied", cue="no")
NO_LEFT = says("no left effusion", polarity="denied", cue="no", sign=Sign(side="left"))
NO_EDEMA = says("pulmonary edema is not seen", "Edema", "denied", cue="not")
SHARP = says("sharp costophrenic angles", polarity="equivalent")
POSSIBLE = says("possible pleural effusion", polarity="hedged")
NEGATIVE = says("negative for pulmonary edema", "Edema", "denied", cue="negative for")
EVIDENCE = says("evidence of large effusion", sign=Sign(severity=3))

# Edema, effusion, pneumothorax. Odd and even images turn each other round.
LABELS = [[0, 1, 0], [1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 1, NAN], [1, NAN, 0]]
SILENT = [(EFFUSION,), (NO_EFFUSION,), (), (), (), ()]


def by_hand(reports, shares=SHARES):
    """A pool of the six images, each its own patient, with these reports."""
    judged = Judged(FINDINGS, relevance(np.array(LABELS, dtype=float), "explicit"))
    return reported(
        make_pool(judged, np.array([*"abcdef"]), np.eye(6), shares=shares), reports
    )


def captions(pool, n=6):
    """Captions of each image over many steps."""
    found = {image: [] for image in range(len(pool.rows))}
    for step in STEPS:
        batch = draw_batch(pool, n, seed=0, step=step)
        for image, caption in zip(batch.images, batch.statements, strict=False):
            found[image].append(caption)
    return found


def texts(pool, image):
    return {caption.text for caption in captions(pool)[image]}


def truth_of(claim, pool):
    """Whether a claim of some report is true of each image."""
    (said,) = {s for told in pool.told for s in told if s.text == claim.text}
    return pool.truth([said], range(len(pool.rows)))[:, 0].tolist()


@pytest.fixture(scope="module")
def written():
    """What reports of a clinical kind claim of four hundred phantoms."""
    return [*WrittenReports(KNOWN, CLINICAL, lambda row: np.random.default_rng(row))]


@pytest.fixture(scope="module")
def many(written):
    """The pool of those phantoms, two of a patient."""
    has = np.array([[float(truth.has(name)) for name in PHANTOM] for truth in KNOWN])
    angles = np.random.default_rng(1).uniform(0, 2 * np.pi, len(KNOWN))
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    patients = np.array([f"patient {image // 2}" for image in range(len(KNOWN))])
    shares = {**SHARES, "equivalent": 0.1}
    return reported(make_pool(Judged(PHANTOM, has), patients, rows, shares=shares), written)


def test_a_caption_is_what_the_images_own_report_says(many, written):
    for image, told in captions(many, 64).items():
        own = {claim.text: claim for claim in written[image]}
        for caption in told:
            claim = own[caption.text]
            assert (caption.finding, caption.polarity) == (claim.finding, claim.polarity)
            assert caption.cue == claim.cue
            assert claim.polarity != "hedged"


def test_labels_decide_what_is_opposed_to_a_caption_and_who_turns_it_round(many):
    for step in STEPS:
        batch = draw_batch(many, 64, seed=0, step=step)
        n = len(batch.images)
        assert n > 48
        for k in range(n):
            image, distractor = batch.images[k], batch.distractors[k]
            caption, opposed = batch.statements[k], batch.statements[n + k]
            assert opposed in many.statements
            assert oppositions(caption, [opposed]) == [0]
            assert slow_truth(caption, many.judged, image) == 1
            assert slow_truth(opposed, many.judged, image) == 0
            assert slow_truth(caption, many.judged, distractor) == 0
            assert slow_truth(opposed, many.judged, distractor) == 1
            assert many.patients[image] != many.patients[distractor]


def test_options_and_candidates_are_right_once_and_false_otherwise(many):
    batch = draw_batch(many, 64, seed=0, step=0)
    n = len(batch.images)
    for asked, places in (
        (batch.true[:n], batch.options),
        (batch.true.T, batch.candidates),
    ):
        for k, options in enumerate(places):
            assert asked[k, options].tolist() == [1] + [0] * (OPTIONS - 1)


def test_a_detail_is_true_of_who_reports_it_false_without_the_finding_else_unknown():
    pool = by_hand([(SMALL,), (NO_EFFUSION,), (EFFUSION,), (), (), ()])
    assert truth_of(SMALL, pool) == pytest.approx([1, 0, NAN, 0, NAN, NAN], nan_ok=True)
    pool = by_hand([(SMALL,), (NO_EFFUSION,), (SMALL,), (), (), ()])
    assert truth_of(SMALL, pool) == pytest.approx([1, 0, 1, 0, NAN, NAN], nan_ok=True)


def test_a_denied_detail_is_true_without_the_finding_and_else_unknown():
    pool = by_hand([(EFFUSION,), (NO_LEFT,), (), (), (), ()])
    assert truth_of(NO_LEFT, pool) == pytest.approx([NAN, 1, NAN, 1, NAN, NAN], nan_ok=True)


def test_a_statement_without_details_is_true_as_the_labels_say():
    shares = {**SHARES, "equivalent": 1}
    pool = by_hand([(EFFUSION,), (NO_EFFUSION, SHARP), (), (), (), ()], shares)
    assert truth_of(EFFUSION, pool) == pytest.approx([1, 0, 1, 0, 1, NAN], nan_ok=True)
    for claim in (NO_EFFUSION, SHARP):
        assert truth_of(claim, pool) == pytest.approx([0, 1, 0, 1, 0, NAN], nan_ok=True)


def test_the_truth_of_a_batch_knows_details(many):
    batch = draw_batch(many, 64, seed=0, step=0)
    everyone = [*batch.images, *batch.distractors]
    expected = [
        [slow(many, said, image) for said in batch.statements] for image in everyone
    ]
    np.testing.assert_array_equal(batch.true, expected)
    assert np.isnan(expected).any()


def slow(pool, said, image):
    """As labels have it, but unknown of a finding whose details the report leaves out."""
    known = slow_truth(said, pool.judged, image)
    if said.id not in pool.detailed or image in pool.detailed[said.id]:
        return known
    has = pool.judged.relevance[image, pool.judged.findings.index(said.finding)]
    return NAN if has == 1 else known


@pytest.mark.parametrize(
    "report",
    [
        pytest.param((), id="nothing"),
        pytest.param((POSSIBLE,), id="a hedge"),
        pytest.param((NO_EFFUSION,), id="what the labels contradict"),
        pytest.param((NEGATIVE,), id="a held-out cue"),
        pytest.param((EVIDENCE,), id="a held-out wording"),
        pytest.param((says("mass", "Mass"),), id="a finding without labels"),
        pytest.param((SHARP,), id="a polarity without a share"),
    ],
)
def test_an_image_whose_report_says_nothing_usable_is_left_out(report):
    pool = by_hand([report, (NO_EFFUSION,), (EFFUSION,), (), (), ()])
    found = captions(pool)
    assert found[0] == []
    assert found[1] and found[2]


def test_of_a_report_the_usable_rest_is_used():
    pool = by_hand([(POSSIBLE, NO_EFFUSION, NO_EDEMA, NEGATIVE, EVIDENCE), *SILENT[1:]])
    assert texts(pool, 0) == {"pulmonary edema is not seen"}


def test_what_the_labels_leave_open_is_not_used():
    air, none = says("pneumothorax", "Pneumothorax"), says("no x", "Pneumothorax", "denied")
    pool = by_hand([(EFFUSION,), (NO_EFFUSION,), (), (), (air, none, EFFUSION), ()])
    assert texts(pool, 4) == {"there is pleural effusion"}


def test_a_polarity_is_drawn_by_its_share_among_those_the_report_has():
    shares = {"affirmed": 3.0, "denied": 1.0, "composite": 96.0}
    pool = by_hand([(EFFUSION, NO_EDEMA), (NO_EFFUSION,), (), (), (), ()], shares)
    rng, none = np.random.default_rng(0), np.zeros(len(pool.statements), dtype=bool)
    drawn = [pool.caption(0, none, rng).polarity for _ in range(2000)]
    assert {*drawn} == {"affirmed", "denied"}
    assert drawn.count("affirmed") / 2000 == pytest.approx(0.75, abs=0.03)
    assert {pool.caption(1, none, rng).polarity for _ in range(50)} == {"denied"}
    assert pool.caption(2, none, rng) is None


def test_every_statement_of_a_report_is_drawn_at_some_time():
    pool = by_hand([(EFFUSION, SMALL), *SILENT[1:]])
    assert texts(pool, 0) == {"there is pleural effusion", "small left effusion"}


def test_a_step_has_the_same_batch_each_time_and_another_step_another(many):
    def drawn(step):
        batch = draw_batch(many, 32, seed=0, step=step)
        return batch.images.tolist(), batch.distractors.tolist(), batch.statements

    assert drawn(3) == drawn(3)
    for one, another in zip(drawn(3), drawn(4), strict=True):
        assert one != another


def test_reports_that_say_nothing_usable_are_refused():
    with pytest.raises(InputError, match="none of 6 reports says anything affirmed or den"):
        by_hand([(POSSIBLE,), (NEGATIVE,), (EVIDENCE,), (), (), ()])


def test_the_words_that_are_looked_for_are_those_kept_for_tests():
    denied = [p for p in load_prompt_set("chest", FINDINGS) if p.polarity == "denied"]
    kept = {p.cue for p, out in zip(denied, held_out(denied), strict=True) if out}
    assert kept == {*KEPT_CUES}


def test_reports_hold_words_that_are_kept_for_tests_and_captions_never(many, written):
    said = [claim.text for report in written for claim in report]
    for words in (*KEPT_CUES, "evidence of"):
        assert any(words in text for text in said), words
    may_be = {statement.text for told in many.told for statement in told}
    drawn = {said.text for told in captions(many, 64).values() for said in told}
    assert drawn <= may_be
    assert len(drawn) > 100
    for text in may_be:
        assert not any(words in text for words in (*KEPT_CUES, "chest x-ray with")), text
        assert text.count("evidence of") == text.count("no evidence of"), text


def test_a_data_set_without_reports_is_refused_in_one_line(films):
    message = "no reports, from which method 'tiny' takes its captions; allowed: a data set"
    with pytest.raises(InputError, match=message) as refused:
        gather(None, films, tiny_method(text="reports"))
    assert "\n" not in str(refused.value)


def test_the_method_of_the_study_differs_from_con1_in_its_text_alone():
    one, other = (
        method_named("con1").model_dump(),
        method_named("con1-reports").model_dump(),
    )
    differ = {field for field in one if one[field] != other[field]}
    assert differ == {"name", "about", "source", "text"}
    assert (one["text"], other["text"]) == ("labels", "reports")


@pytest.mark.model
@pytest.mark.usefixtures("tuning_world")
def test_a_training_on_reports_reads_those_of_its_own_images(bases, tmp_path):
    data, method = TrainingData("phantoms", n_images=240), tiny_method(text="reports")
    sources = gather(load_encoder(str(bases["clip"])), data, method)
    dataset = load_dataset("phantoms", split="train", n_images=240)
    train = dataset.take(np.flatnonzero(~set_aside(dataset)))
    assert len(sources.pool.told) == len(train) < len(dataset)
    for told, report in zip(sources.pool.told, train.reports, strict=True):
        assert {said.text for said in told} <= {claim.text for claim in report}
    out = finetune(method, str(bases["clip"]), tmp_path / "out", data=data, seed=0)
    assert "| their text | reports |" in (out / "README.md").read_text()
    record = json.loads((out / "method.json").read_text())
    assert record["words"] == wordings(reports.FILE) != wordings()
