"""What a fine-tuning is fed: patients set aside, rows of images, and no word held out."""

import numpy as np
import pandas as pd
import pytest
from tests.finetune.worlds import FINDINGS, make_folder, tiny_method

from negcxr.data.registry import load_dataset
from negcxr.errors import InputError
from negcxr.finetune.sources import TrainingData, gather, set_aside
from negcxr.models import load_encoder

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tuning_world")]


@pytest.fixture(scope="module")
def encoder(bases):
    return load_encoder(str(bases["clip"]))


@pytest.fixture(scope="module")
def dataset(films):
    return load_dataset("folder", root=films.root, split="train")


@pytest.fixture(scope="module")
def sources(encoder, films, tuning_world):
    return gather(encoder, films, tiny_method())


def test_about_a_fifth_of_the_patients_is_set_aside_with_all_their_images(dataset):
    aside, patients = set_aside(dataset), dataset.table["patient"].to_numpy()
    assert 0.1 < aside.mean() < 0.3
    assert not {*patients[aside]} & {*patients[~aside]}


def test_who_is_set_aside_depends_on_the_patient_alone(dataset):
    rows = [9, 4, 100]
    np.testing.assert_array_equal(set_aside(dataset.take(rows)), set_aside(dataset)[rows])


def test_rows_labels_and_images_belong_together(encoder, dataset, sources):
    train = dataset.take(np.flatnonzero(~set_aside(dataset)))
    pool = sources.pool
    np.testing.assert_array_equal(pool.judged.relevance, train.relevance())
    assert pool.patients.tolist() == train.table["patient"].tolist()
    opened = [sources.images.open(row) for row in range(len(pool.rows))]
    np.testing.assert_allclose(encoder.encode_images(opened), pool.rows, atol=1e-5)


def test_the_validation_is_of_the_images_set_aside(encoder, dataset, sources):
    held = dataset.take(np.flatnonzero(set_aside(dataset)))
    assert sources.judge.patients.tolist() == held.table["patient"].tolist()
    np.testing.assert_array_equal(sources.validated.relevance, held.relevance())
    opened = [sources.validation.open(row) for row in range(len(held))]
    rows = encoder.encode_images(opened)
    np.testing.assert_allclose(rows, sources.judge.rows, atol=1e-5)
    assert not {*sources.judge.patients} & {*sources.pool.patients}


def test_the_policy_that_was_used_is_named_whoever_chose_it(encoder, films, sources):
    assert (sources.data.policy, sources.policy) == ("", "explicit")
    asked = gather(encoder, films._replace(policy="blank-absent"), tiny_method())
    assert asked.policy == "blank-absent"


def test_targets_are_there_where_a_term_asks_for_them(encoder, films, sources):
    assert sources.targets is None
    asked = gather(encoder, films, tiny_method(terms={"mirror": 1.0}))
    statements = asked.pool.statements
    affirmed = [s for s in statements if s.polarity == "affirmed" and s.finding == "Edema"]
    rows = encoder.encode_texts([s.text for s in affirmed])
    np.testing.assert_allclose(asked.targets.of(affirmed), rows, atol=1e-6)


def test_the_policy_decides_what_can_be_said_of_a_blank(encoder, tmp_path):
    root = str(make_folder(tmp_path / "blank", blank=0.5))
    plain = TrainingData("folder", root=root)
    known = {}
    for policy in ("explicit", "blank-absent"):
        made = gather(encoder, plain._replace(policy=policy), tiny_method())
        known[policy] = np.isfinite(made.pool.judged.relevance).mean()
    assert known["explicit"] == pytest.approx(0.5, abs=0.05)
    assert known["blank-absent"] == 1


def test_too_few_images_to_set_patients_aside_are_refused(encoder, tmp_path):
    root = str(make_folder(tmp_path / "few", n=2))
    with pytest.raises(InputError, match="few: 2 training images are too few to set a fif"):
        gather(encoder, TrainingData("folder", root=root), tiny_method())


def test_images_that_leave_nothing_to_validate_by_are_refused(encoder, films):
    few = films._replace(n_images=40)
    with pytest.raises(InputError, match="validation: no query has 10 images on each side"):
        gather(encoder, few, tiny_method())


def test_labels_that_never_say_absent_are_refused_where_blanks_are_left_out(
    encoder, tmp_path
):
    folder = make_folder(tmp_path / "told")
    table = pd.read_csv(folder / "manifest.csv").replace({0.0: None, -1.0: None})
    table.to_csv(folder / "manifest.csv", index=False)
    data = TrainingData("folder", root=str(folder))
    said = "under policy 'explicit' no finding is absent from any of 240 training images"
    with pytest.raises(InputError, match=said):
        gather(encoder, data, tiny_method())
    made = gather(encoder, data._replace(policy="blank-absent"), tiny_method())
    assert (made.pool.judged.relevance == 0).any()


def test_findings_of_the_data_set_are_those_of_the_statements(sources):
    assert {s.finding for s in sources.pool.statements} == {*FINDINGS}
