"""Encoders of tiny checkpoints, built once, and a fresh folder for tests that break one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.checkpoints import BUILDERS

from negcxr.models import load_encoder


@pytest.fixture(scope="session")
def encoders(tmp_path_factory):
    """A tiny encoder of each kind that is read, by its kind's name."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: load_encoder(str(build(root / name))) for name, build in BUILDERS.items()}


@pytest.fixture
def build(tmp_path) -> Callable[[str], Path]:
    """Makes a new folder of a kind, for a test to change."""
    return lambda name: BUILDERS[name](tmp_path / name)


@pytest.fixture
def images():
    """Five grey images of different sizes, wide and tall."""
    rng = np.random.default_rng(0)
    sizes = [(16, 16), (40, 24), (24, 40), (17, 33), (64, 64)]
    return [Image.fromarray(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes]
