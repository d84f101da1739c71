"""Trainings taken together, methods side by side, claims and goals judged."""

from functools import cache

import numpy as np
import pytest

from negcxr.chapters.comparison import measures_of
from negcxr.chapters.groups import (
    BASE,
    RULE,
    groups_of,
    read_trained,
    rewritten,
)
from negcxr.chapters.methods import MEASURES, draws_table
from negcxr.errors import InputError
from negcxr.provenance import CheckpointRecord, DatasetRecord, now, provenance
from negcxr.reading import listed
from negcxr.results import Result

DRAWS = 41
KNOWN = {
    **{"dataset": "phantoms", "split": "test", "n_images": 100, "prompt_set": "chest"},
    **{"n_items": 12, "n_resamples": DRAWS - 1, "seed": 0},
}


def draws(value, spread=0.01, seed=0):
    noise = np.random.default_rng(seed).normal(0, spread, DRAWS)
    noise[0] = 0
    return value + noise


def scorer(value, spread=0.002, **other):
    """Draws of every measure, all of one value but for those named."""
    values = {name: other.get(name.replace("-", "_"), value) for name in MEASURES}
    return {
        name: draws(each, spread, seed) for seed, (name, each) in enumerate(values.items())
    }


@cache
def made():
    """What made all of these results, but for checkpoint and data."""
    return provenance({}, started=now(), encoder=None, dataset=None, policy="truth")


@pytest.fixture
def train(tmp_path):
    """Writes what a training of a method leaves in a run's folder."""

    def write(run, method, after, *, base="phantom-web", seed=0, **parameters):
        folder = tmp_path / run
        folder.mkdir(parents=True, exist_ok=True)
        known = KNOWN | {"training_seed": seed} | parameters
        weights = CheckpointRecord(name=base, family="clip", fingerprint="0")
        images = {"kind": "phantoms", "fingerprint": "0", "n_images": 100, "terms": "ours"}
        data = DatasetRecord(name="phantoms", n_patients=100, **images)
        update = {"checkpoint": weights, "dataset": data}
        result = Result(
            notebook=f"20_{method}",
            run=folder.name,
            parameters=known,
            provenance=made().model_copy(update=update),
            scalars={},
            tables={"draws": f"20_{method}.draws.parquet"},
        )
        scorers = {"before": scorer(0.2, affirmed=0.95), "after": after}
        scorers["rule"] = scorer(0.9, affirmed=0.95)
        scorers["rewritten"] = {name: row + 0.02 for name, row in after.items()}
        table = draws_table(scorers)
        table.to_parquet(folder / f"20_{method}.draws.parquet")
        path = folder / f"20_{method}.json"
        path.write_text(result.model_dump_json())
        return path

    return write


def about(value):
    """What single precision leaves of a number."""
    return pytest.approx(value, abs=1e-6)


AGAIN = rewritten("no-price")
CON1 = scorer(0.4, affirmed=0.94)
CON2 = scorer(0.7, affirmed=0.93)
OURS = scorer(0.95, affirmed=0.95)


@pytest.fixture
def groups(train, tmp_path):
    """A run with two methods, and kept ones: two seeds on web, one on clinic."""
    train("live", "con1", CON1)
    train("live", "con2", CON2)
    for seed, more in ((0, 0.0), (1, 0.1)):
        for method, after in (("con1", CON1), ("con2", CON2), ("no-price", OURS)):
            moved = {name: row + more for name, row in after.items()}
            train(f"kept/web-{seed}", method, moved, seed=seed)
    train("kept/clinic-0", "con1", CON1, base="phantom-clinic")
    live = read_trained(tmp_path / "live", ["con1", "con2"])
    return groups_of(live, read_trained(tmp_path / "kept"), order=["con2", "con1"])


def test_our_method_stands_once_more_on_prompts_that_were_rewritten(groups):
    first, again = (groups[1].scorers[name] for name in ("no-price", AGAIN))
    for name in MEASURES:
        assert again[name][0] == about(first[name][0] + 0.02)
    assert AGAIN not in groups[0].scorers  # it was not trained there


def test_names_are_listed_with_commas():
    assert listed("con1, con2,,no-price ") == ["con1", "con2", "no-price"]
    assert listed("") == []


def test_a_folder_that_is_missing_holds_no_training(tmp_path):
    assert read_trained(tmp_path / "none") == []


def test_only_methods_that_are_named_are_read(train, tmp_path):
    train("live", "con1", CON1)
    train("live", "old", CON1)
    assert [t.method for t in read_trained(tmp_path / "live", ["con1", "soft"])] == ["con1"]
    assert len(read_trained(tmp_path / "live")) == 2


def test_what_jobs_run_on_is_no_training(train, tmp_path):
    train("live", "con1", CON1)
    (tmp_path / "live" / "parameters").mkdir()
    (tmp_path / "live" / "parameters" / "20_con1.json").write_text("{}")
    assert len(read_trained(tmp_path / "live")) == 1


def test_groups_are_the_run_shown_and_each_base_of_those_kept(groups):
    assert [group.name for group in groups] == [
        "phantom-web, this run",
        "phantom-web, seeds 0, 1",
        "phantom-clinic, seed 0",
    ]
    assert [group.n for group in groups] == [100] * 3
    names = [BASE, RULE, "con2", "con1", "no-price", AGAIN]
    assert list(groups[1].scorers) == names
    assert groups[1].methods == ["con2", "con1", "no-price"]
    assert groups[0].methods == ["con2", "con1"]


def test_a_group_of_seeds_is_their_mean_and_of_one_its_own_draws(groups):
    assert groups[1].scorers["con1"]["denied"][0] == about(0.45)
    known = CON1["denied"].astype(np.float32).astype(float)
    np.testing.assert_array_equal(groups[0].scorers["con1"]["denied"], known)


def test_seeds_that_differ_widen_the_interval(groups):
    table = measures_of(groups).set_index(["group", "scorer", "measure"])
    one, two = (
        table.loc[(name, "con1", "denied")]
        for name in ("phantom-web, this run", "phantom-web, seeds 0, 1")
    )
    assert two["high"] - two["low"] > 2 * (one["high"] - one["low"])


def test_a_group_tells_what_its_methods_were_trained_in(train, tmp_path):
    train("kept/web-0", "con1", CON1, training_dtype="bfloat16")
    train("kept/web-0", "con2", CON2, training_dtype="float32")
    (group,) = groups_of([], read_trained(tmp_path / "kept"))
    assert group.trained_in == "con1 in bfloat16; con2 in float32"


def test_trainings_of_one_method_in_two_precisions_are_not_taken_together(train, tmp_path):
    train("kept/web-0", "con1", CON1, training_dtype="bfloat16")
    train("kept/web-1", "con1", CON1, seed=1, training_dtype="float32")
    with pytest.raises(InputError, match="training_dtype is 'float32', not 'bfloat16'"):
        groups_of([], read_trained(tmp_path / "kept"))


def test_runs_that_were_measured_otherwise_are_not_taken_together(train, tmp_path):
    train("kept/web-0", "con1", CON1, steps=0)
    train("kept/web-1", "con1", CON1, seed=1, steps=4)
    with pytest.raises(InputError, match="steps is 4, not 0"):
        groups_of([], read_trained(tmp_path / "kept"))
