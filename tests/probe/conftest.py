"""Towers with a planted mechanism: one hears "no" by one head, one is deaf to it."""

import pytest
from tests.planted import FAMILIES, planted

from negcxr.models import load_encoder
from negcxr.models.towers import open_tower


@pytest.fixture(scope="session", params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(scope="session")
def hearing(tmp_path_factory, family):
    """A tower in which the head `PLANT` alone carries "no"."""
    folder = tmp_path_factory.mktemp("planted") / family
    return open_tower(load_encoder(str(planted(folder, family))))


@pytest.fixture(scope="session")
def deaf(tmp_path_factory, family):
    """The same tower without that head's way to the row."""
    folder = tmp_path_factory.mktemp("deaf") / family
    return open_tower(load_encoder(str(planted(folder, family, plant=None))))
