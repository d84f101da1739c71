"""Tiny trainings that several tests look at, made once."""

import pytest
import torch
from tests.checkpoints import BUILDERS
from tests.finetune.scripted import script
from tests.finetune.worlds import make_folder, tiny_method

from negcxr.finetune import tuned_card
from negcxr.finetune.trainer import TrainingData, finetune


@pytest.fixture(scope="session")
def tuning_cache(tmp_path_factory):
    """A cache that all trainings share, so that images are embedded once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def tuning_world(tuning_cache):
    """One thread, a cache of our own, and few resamples on cards."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(tuning_cache))
        patch.setattr(tuned_card, "RESAMPLES", 20)
        yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def bases(tmp_path_factory):
    """A tiny checkpoint of each family, by its name."""
    root = tmp_path_factory.mktemp("bases")
    return {name: BUILDERS[name](root / name) for name in ("clip", "siglip")}


@pytest.fixture(scope="session")
def films(tmp_path_factory):
    """A data set in a folder, as fine-tuning is told of one."""
    return TrainingData("folder", root=str(make_folder(tmp_path_factory.mktemp("films"))))


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Finished trainings by what was asked, so that no test repeats another's."""
    return {}


@pytest.fixture
def tuned(tuning_world, finished, bases, films, tmp_path_factory):
    """Fine-tunes a base in one go; what was asked before is not done again."""

    def get(family="clip", seed=0, **changes):
        key = repr((family, seed, sorted(changes.items())))
        if key not in finished:
            out = tmp_path_factory.mktemp("tuned") / "tuned"
            method, base = tiny_method(**changes), str(bases[family])
            finished[key] = finetune(method, base, out, data=films, seed=seed)
        return finished[key]

    return get


@pytest.fixture
def rising(tuned, monkeypatch):
    """As ``tuned``, but validations rise, so that weights that have moved are kept."""

    def get(*args, **changes):
        with monkeypatch.context() as patch:
            script(patch)
            return tuned(*args, about="Rising.", **changes)

    return get
