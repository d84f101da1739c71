"""Tiny trainings that several tests look at, made once."""

import pytest
import torch
from tests.checkpoints import BUILDERS
from tests.finetune.scripted import script
from tests.finetune.worlds import make_folder, tiny_method

from negcxr.finetune import card, tuned_card
from negcxr.finetune.trainer import TrainingData, finetune


@pytest.fixture(scope="session")
def tuning_cache(tmp_path_factory):
    """A cache that all trainings share, so that images are embedded once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def one_thread():
    """Sums in one order, so that what is trained twice is the same to the bit."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def tuning_world(one_thread, tuning_cache):
    """One thread, a cache of our own, and few resamples on cards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(tuning_cache))
        patch.setattr(tuned_card, "RESAMPLES", 20)
        yield


@pytest.fixture(scope="module")
def pretraining_world(one_thread, tmp_path_factory):
    """One thread, a cache of its module's own, and few phantoms for validation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(card, "VALIDATION_IMAGES", 90)
        patch.setattr(card, "RESAMPLES", 20)
        yield


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
