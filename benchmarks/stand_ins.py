"""What benchmarks measure on: a cache of their own, and a model of a known shape."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPModel

from negcxr import paths

DEFAULT = paths.CHECKPOINTS / "phantom-web"


@contextmanager
def own_cache(folder: Path) -> Iterator[None]:
    """Keep and find rows under this folder, and nowhere else."""
    before = os.environ.get("NEGCXR_CACHE")
    os.environ["NEGCXR_CACHE"] = str(folder / "cache")
    try:
        yield
    finally:
        if before is None:
            del os.environ["NEGCXR_CACHE"]
        else:
            os.environ["NEGCXR_CACHE"] = before


def vit_b_16(folder: Path, *, layers: int, vocabulary: int) -> Path:
    """Random weights in the shape of CLIP's ViT-B/16, with the default's own tokenizer."""
    shutil.copytree(DEFAULT, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    size = {"height": 224, "width": 224}
    settings |= {"size": {"shortest_edge": 224}, "crop_size": size}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    config = CLIPConfig.from_pretrained(folder)
    for tower, width, heads in (
        (config.text_config, 512, 8),
        (config.vision_config, 768, 12),
    ):
        tower.hidden_size, tower.intermediate_size = width, 4 * width
        tower.num_attention_heads, tower.num_hidden_layers = heads, layers
    config.vision_config.image_size, config.vision_config.patch_size = 224, 16
    config.text_config.vocab_size, config.projection_dim = vocabulary, 512
    CLIPModel(config).save_pretrained(folder)
    return folder


def vit_b_text(folder: Path) -> Path:
    """Random weights in the shape of CLIP ViT-B's text tower; the image tower is small."""
    shutil.copytree(DEFAULT, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    config = CLIPConfig.from_pretrained(folder)
    tower = config.text_config
    tower.hidden_size, tower.intermediate_size = 512, 2048
    tower.num_attention_heads, tower.num_hidden_layers = 8, 12
    tower.vocab_size, config.projection_dim = 49_408, 512
    torch.manual_seed(0)  # of a process that does nothing else
    CLIPModel(config).save_pretrained(folder)
    return folder
