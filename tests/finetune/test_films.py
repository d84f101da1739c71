"""Fine-tuning on the 660 real films, where they are there: what is said, and of whom."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from tests.finetune.worlds import slow_truth, tiny_method

from negcxr import paths
from negcxr.chapters import Sampling, open_gallery
from negcxr.chapters.galleries import reopen
from negcxr.chapters.parts import by_view
from negcxr.data.registry import load_dataset
from negcxr.errors import InputError
from negcxr.finetune.batches import draw_batch
from negcxr.finetune.sources import gather
from negcxr.finetune.trainer import TrainingData, finetune
from negcxr.models import load_encoder
from negcxr.text.prompts import load_prompt_set

pytestmark = [
    pytest.mark.films,
    pytest.mark.model,
    pytest.mark.usefixtures("tuning_world"),
    pytest.mark.skipif(
        not (paths.films() / "Data_Entry_2017_v2020.csv").exists(),
        reason=f"no films in {paths.films()}; set NEGCXR_FILMS to their folder",
    ),
]

WEB = paths.CHECKPOINTS / "phantom-web"
FILMS = TrainingData("nih", str(paths.films()), "blank-absent")
STEPS = range(8)


@pytest.fixture(scope="module")
def base():
    return load_encoder(str(WEB))


@pytest.fixture(scope="module")
def train():
    return load_dataset("nih", root=FILMS.root, split="train")


@pytest.fixture(scope="module")
def sources(base, tuning_world):
    return gather(base, FILMS, tiny_method())


@pytest.fixture(scope="module")
def batches(sources):
    return [draw_batch(sources.pool, 32, seed=0, step=step) for step in STEPS]


@pytest.fixture(scope="module")
def tuned(tuning_world, tmp_path_factory):
    out = tmp_path_factory.mktemp("films") / "tuned"
    method = tiny_method(batch=32, steps=4)
    return finetune(method, str(WEB), out, data=FILMS, seed=0)


def pairs(batch):
    """Image, distractor, caption and opposition of each pair."""
    n = len(batch.images)
    captions, opposed = batch.statements[:n], batch.statements[n:]
    return zip(batch.images, batch.distractors, captions, opposed, strict=True)


def test_a_blank_is_denied_under_blank_absent(sources, batches):
    findings, relevance = sources.pool.judged.findings, sources.pool.judged.relevance
    denied = [
        (image, findings.index(caption.finding))
        for batch in batches
        for image, _, caption, _ in pairs(batch)
        if caption.polarity == "denied"
    ]
    assert len(denied) > 100
    assert {relevance[place] for place in denied} == {0.0}


def test_no_film_has_a_label_that_denies_so_explicit_is_refused_in_one_line(base, train):
    assert not (train.labels == 0).any()
    with pytest.raises(InputError, match="nih: under policy 'explicit' no find") as refused:
        gather(base, FILMS._replace(policy="explicit"), tiny_method())
    said = str(refused.value)
    assert "\n" not in said
    assert "absent from any of 544 training images, so nothing can be denied" in said
    assert "blank-absent" in said


def test_nothing_is_said_of_a_film_that_its_labels_do_not_bear_out(sources, batches):
    for batch in batches:
        for image, distractor, caption, opposed in pairs(batch):
            said = [
                [slow_truth(s, sources.pool.judged, i) for s in (caption, opposed)]
                for i in (image, distractor)
            ]
            assert said == [[1, 0], [0, 1]]


def test_a_distractor_is_never_another_film_of_the_same_patient(sources):
    pool = sources.pool
    films_of = pd.Series(pool.patients).value_counts()
    often = np.flatnonzero(films_of[pool.patients] >= 4)
    some = dataclasses.replace(
        pool,
        judged=pool.judged.take(often),
        patients=pool.patients[often],
        rows=pool.rows[often],
    )
    for step in STEPS:
        batch = draw_batch(some, 32, seed=0, step=step)
        own, others = some.patients[batch.images], some.patients[batch.distractors]
        assert len(own) > 8
        assert (own != others).all()


def test_nobody_is_on_both_sides_of_the_validation_or_in_the_test_split(sources):
    test = load_dataset("nih", root=FILMS.root, split="test").table["patient"].astype(str)
    trained, validated = {*sources.pool.patients}, {*sources.judge.patients}
    assert trained
    assert validated
    assert not trained & validated
    assert not (trained | validated) & {*test}


def test_a_few_steps_on_films_leave_a_checkpoint_and_a_log(tuned):
    log = pd.read_parquet(tuned / "training.parquet")
    assert log["step"].tolist() == [0, 2, 4]
    assert log[["affirmed", "denied", "composite", "selected"]].notna().all(axis=None)
    assert log["loss"].iloc[1:].notna().all()
    card = (tuned / "README.md").read_text(encoding="utf-8")
    assert "training images of `nih`, policy `blank-absent`" in card


def test_nothing_that_is_left_names_a_film_or_a_patient(tuned, train):
    names = {*train.table["image"]}
    files = [*tuned.glob("*.json"), tuned / "README.md"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert not [name for name in names if name in text]
    log = pd.read_parquet(tuned / "training.parquet")
    assert not {"image", "patient"} & {*log}


def test_the_change_is_told_among_all_films_and_within_each_view(base, tuned):
    films = load_dataset("nih", root=FILMS.root, split="test")
    before = open_gallery(base, films, FILMS.policy)
    after = reopen(before, load_encoder(str(tuned)))
    prompts = load_prompt_set("chest", films.findings)
    table = by_view(before, after, prompts, Sampling(n_resamples=20, seed=0))
    told = table.dropna(subset=["before", "after", "change"])
    assert list(dict.fromkeys(told["view"])) == ["all views", "AP", "PA"]
    for view in ("AP", "PA"):
        assert {"affirmed", "denied"} <= {*told.loc[told["view"] == view, "polarity"]}
