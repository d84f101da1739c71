"""Checkpoint folders with odd but real features, each made out of a plain tiny one.

Real folders differ in how they were saved, not in what they compute: in shards, in half
precision, with buffers that no model has any more, with a processor in another file. And
they differ in sizes: images, positions. Every change here is one that published folders
have.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tests.checkpoints import BUILDERS, change
from transformers import BertTokenizer

WEIGHTS = "model.safetensors"
PROCESSOR, TOKENIZER = "preprocessor_config.json", "tokenizer_config.json"
VISION_PLACES = "vision_model.embeddings.position_embedding.weight"
TEXT_PLACES = "text_model.embeddings.position_embedding.weight"
PATCHES = "vision_model.embeddings.patch_embedding.weight"
SHARDS = 3


def in_shards(folder: Path) -> Path:
    """Weights in several files, with an index that says which holds what."""
    weights = load_file(folder / WEIGHTS)
    names = {f"model-{n + 1:05d}-of-{SHARDS:05d}.safetensors": n for n in range(SHARDS)}
    where = {}
    for file, n in names.items():
        own = {name: weights[name] for name in sorted(weights)[n::SHARDS]}
        save_file(own, folder / file, metadata={"format": "pt"})
        where |= dict.fromkeys(own, file)
    size = sum(value.nbytes for value in weights.values())
    index = {"metadata": {"total_size": size}, "weight_map": where}
    (folder / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    (folder / WEIGHTS).unlink()
    return folder


def in_halves(folder: Path, dtype: torch.dtype) -> Path:
    """Weights in half precision, as the config says as well."""
    weights = load_file(folder / WEIGHTS)
    _saved(folder, {name: value.to(dtype) for name, value in weights.items()})
    name = str(dtype).removeprefix("torch.")
    change(folder / "config.json", dtype=name, torch_dtype=name)
    return folder


def with_buffers(folder: Path) -> Path:
    """The numbers of places among the weights, where older folders have them."""
    weights = load_file(folder / WEIGHTS)
    for table in (VISION_PLACES, TEXT_PLACES):
        buffer = table.replace("position_embedding.weight", "position_ids")
        weights[buffer] = torch.arange(len(weights[table]))[None]
    return _saved(folder, weights)


def with_stray_bias(folder: Path) -> Path:
    """A CLIP that was trained by SigLIP's loss, whose form has no place for the bias."""
    weights = load_file(folder / WEIGHTS) | {"logit_bias": torch.tensor([-9.5])}
    return _saved(folder, weights)


def without_bias(folder: Path) -> Path:
    """A SigLIP whose bias was not saved."""
    weights = load_file(folder / WEIGHTS)
    del weights["logit_bias"]
    return _saved(folder, weights)


def without_crop(folder: Path) -> Path:
    """Images are pressed into a square and not cut."""
    size = {"height": 16, "width": 16}
    change(folder / PROCESSOR, size=size, do_center_crop=False, crop_size=None)
    return folder


def with_large_images(folder: Path, size: int = 512, patch: int = 128) -> Path:
    """As XraySigLIP: images of 512 pixels, here in few patches, so that it stays small."""
    _resize(folder, size, patch)
    change(folder / PROCESSOR, size={"height": size, "width": size})
    return folder


def with_other_places(folder: Path, *, image: int, text: int) -> Path:
    """Position tables of another grid of patches, and of another length of texts."""
    _resize(folder, image, 8)
    _resize_table(folder, TEXT_PLACES, text)
    config = json.loads((folder / "config.json").read_text())["text_config"]
    change(folder / "config.json", text_config=config | {"max_position_embeddings": text})
    change(folder / TOKENIZER, model_max_length=text)
    square, cut = {"height": image, "width": image}, {"shortest_edge": image}
    if "crop_size" in json.loads((folder / PROCESSOR).read_text()):
        change(folder / PROCESSOR, size=cut, crop_size=square)
    else:
        change(folder / PROCESSOR, size=square)
    return folder


def with_nested_processor(folder: Path) -> Path:
    """The image processor inside ``processor_config.json``, as newer folders have it."""
    values = json.loads((folder / PROCESSOR).read_text())
    nested = {"processor_class": "SiglipProcessor", "image_processor": values}
    (folder / "processor_config.json").write_text(json.dumps(nested))
    (folder / PROCESSOR).unlink()
    return folder


def with_whole_tokenizer(folder: Path) -> Path:
    """BERT's tokenizer as one file, in place of a list of words."""
    BertTokenizer.from_pretrained(folder).save_pretrained(folder)
    (folder / "vocab.txt").unlink(missing_ok=True)
    change(folder / TOKENIZER, tokenizer_class="BertTokenizerFast")
    return folder


def by_first_token(folder: Path) -> Path:
    """No word on pooling, so that the row is what BERT's own pooler makes."""
    shutil.rmtree(folder / "1_Pooling")
    return folder


def by_mean(folder: Path) -> Path:
    """The row is the mean over tokens, as the folder says."""
    (folder / "1_Pooling").mkdir()
    modes = {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(modes))
    return folder


def _odd(base: str, oddity: Callable[..., Path], **how: object) -> Callable[[Path], Path]:
    return lambda folder: oddity(BUILDERS[base](folder), **how)


# By name: that of the plain form, a dash, and what is odd.
ODD: dict[str, Callable[[Path], Path]] = {
    "clip-shards": _odd("clip", in_shards),
    "clip-float16": _odd("clip", in_halves, dtype=torch.float16),
    "clip-buffers": _odd("clip", with_buffers),
    "clip-bias": _odd("clip", with_stray_bias),
    "clip-square": _odd("clip", without_crop),
    "clip-places": _odd("clip", with_other_places, image=40, text=32),
    "siglip-shards": _odd("siglip", in_shards),
    "siglip-512": _odd("siglip", with_large_images),
    "siglip-places": _odd("siglip", with_other_places, image=24, text=128),
    "siglip-nested": _odd("siglip", with_nested_processor),
    "siglip2-bfloat16": _odd("siglip2", in_halves, dtype=torch.bfloat16),
    "bert_dual-json": _odd("bert_dual", with_whole_tokenizer),
    "bert_dual-shards": _odd("bert_dual", in_shards),
    "bert_dual-mean": _odd("bert_dual", by_mean),
    "bert_mean-float16": _odd("bert_mean", in_halves, dtype=torch.float16),
    "bert_mean-first": _odd("bert_mean", by_first_token),
}
FORMS: dict[str, Callable[[Path], Path]] = BUILDERS | ODD
# Those that compute what their plain form computes.
SAVED_OTHERWISE = (
    *("clip-shards", "clip-float16", "clip-buffers", "clip-bias", "siglip-shards"),
    *("siglip-nested", "siglip2-bfloat16", "bert_dual-json", "bert_dual-shards"),
    "bert_mean-float16",
)


def plain_form(name: str) -> str:
    """The form that an odd one was made out of."""
    return name.partition("-")[0]


def takes_mean(name: str) -> bool:
    """Whether no single token is read."""
    return name.startswith("bert_mean") != (name in ("bert_mean-first", "bert_dual-mean"))


def _saved(folder: Path, weights: dict[str, torch.Tensor]) -> Path:
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    return folder


def _resize(folder: Path, size: int, patch: int) -> None:
    """Another size of images and of patches, with a table of places to match."""
    config = json.loads((folder / "config.json").read_text())["vision_config"]
    sizes = {"image_size": size, "patch_size": patch}
    change(folder / "config.json", vision_config=config | sizes)
    weights, rng = load_file(folder / WEIGHTS), np.random.default_rng(0)
    made = rng.normal(size=(*weights[PATCHES].shape[:2], patch, patch))
    # Of a size by which larger patches sum to states of the same size.
    weights[PATCHES] = torch.tensor(made * 3.2 / patch, dtype=torch.float32)
    _saved(folder, weights)
    first = "vision_model.embeddings.class_embedding"  # CLIP has a place for it
    _resize_table(folder, VISION_PLACES, (size // patch) ** 2 + (first in weights))


def _resize_table(folder: Path, table: str, length: int) -> None:
    weights, rng = load_file(folder / WEIGHTS), np.random.default_rng(1)
    made = 0.4 * rng.normal(size=(length, weights[table].shape[1]))
    weights[table] = torch.tensor(made, dtype=torch.float32)
    _saved(folder, weights)
