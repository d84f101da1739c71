"""A tiny sentence encoder in the place of the one that is fetched by name."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.checkpoints import TOWER
from tests.sentence_folder import bert

from negcxr.data.sources import Member, Source

NAMES = ("model.safetensors", "tokenizer.json", "config.json")


def lay_encoder(cache: Path, patch: pytest.MonkeyPatch) -> Path:
    """Fetched as ``minilm`` into this cache, with a pooler that no row is read from."""
    folder = bert(cache / "fetched" / "minilm")
    width = TOWER["hidden_size"]
    pooler = {
        "pooler.dense.weight": np.full((width, width), 0.5, np.float32),
        "pooler.dense.bias": np.zeros(width, np.float32),
        "embeddings.position_ids": np.arange(32)[None],  # as the published file has it
    }
    weights = load_file(folder / "model.safetensors") | pooler
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    members = tuple(_member(folder / name) for name in NAMES)
    source = Source("a tiny encoder", "its licence", "invented==1", members)
    patch.setenv("NEGCXR_CACHE", str(cache))
    patch.setattr("negcxr.data.sources.SOURCES", {"minilm": source})
    return folder


def _member(path: Path) -> Member:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Member(f"in/{path.name}", path.name, len(content), digest)
