"""Tiny checkpoint folders in the form of real ones, for tests of all that loads one.

Weights come from a seeded generator in the order of their names, and vocabularies are
written by hand or counted from a few sentences: the same folder on every machine.
"""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from tests.vocabularies import bert_pieces, clip_pieces, gemma_tokenizer, train_pieces
from transformers import (
    BertConfig,
    CLIPConfig,
    CLIPModel,
    CLIPVisionConfig,
    PretrainedConfig,
    PreTrainedModel,
    SiglipConfig,
    SiglipModel,
    VisionTextDualEncoderConfig,
    VisionTextDualEncoderModel,
    ViTConfig,
)

IMAGE_SIZE, PATCH, HEADS, DIM = 16, 8, 4, 8
TOWER = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": HEADS,
}
VISION = TOWER | {"image_size": IMAGE_SIZE, "patch_size": PATCH}
START, END = "<|startoftext|>", "<|endoftext|>"


def clip(folder: Path) -> Path:
    """CLIP as it is saved today: the config has the end of text, words have higher ids."""
    letters, words, merges = clip_pieces()
    vocabulary = {piece: i for i, piece in enumerate([*letters, START, END, *words])}
    _clip_folder(folder, vocabulary, merges, eos_token_id=vocabulary[END])
    return folder


def legacy_clip(folder: Path) -> Path:
    """CLIP as first published: ``eos_token_id`` 2, the end of text is the highest id."""
    letters, words, merges = clip_pieces()
    vocabulary = {piece: i for i, piece in enumerate([*letters, *words, START, END])}
    _clip_folder(folder, vocabulary, merges, eos_token_id=2)
    return folder


def siglip(folder: Path) -> Path:
    """SigLIP with a sentencepiece vocabulary; padding and end of text are one token."""
    folder.mkdir(parents=True, exist_ok=True)
    train_pieces(folder / "spiece.model")
    tokenizer = {
        "tokenizer_class": "SiglipTokenizer",
        "do_lower_case": True,
        "eos_token": "</s>",
        "pad_token": "</s>",
        "unk_token": "<unk>",
        "model_max_length": 64,
        "model_input_names": ["input_ids"],
    }
    _write(folder / "tokenizer_config.json", tokenizer)
    _siglip_folder(folder, vocab_size=96)
    return folder


def siglip2(folder: Path) -> Path:
    """SigLIP 2 of fixed resolution: ``model_type`` siglip, a Gemma tokenizer, cased."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = gemma_tokenizer()
    _write(folder / "tokenizer.json", pieces)
    tokenizer = {
        "tokenizer_class": "GemmaTokenizer",
        "do_lower_case": True,
        "add_bos_token": False,
        "add_eos_token": True,
        "bos_token": "<bos>",
        "eos_token": "<eos>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "padding_side": "right",
    }
    _write(folder / "tokenizer_config.json", tokenizer)
    _siglip_folder(folder, vocab_size=len(pieces["model"]["vocab"]))
    return folder


def bert_dual(folder: Path) -> Path:
    """BERT and ViT, read from BERT's pooler; the words as a list, as CXR-BERT has them."""
    _bert_folder(folder, ViTConfig(**VISION))
    _images(folder, "ViTImageProcessor", {"height": IMAGE_SIZE, "width": IMAGE_SIZE})
    return folder


def bert_mean(folder: Path) -> Path:
    """BERT and CLIP's image tower, read by the mean over tokens, as the folder says."""
    _bert_folder(folder, CLIPVisionConfig(**VISION))
    _images(folder, "CLIPImageProcessor", {"shortest_edge": IMAGE_SIZE})
    (folder / "1_Pooling").mkdir(exist_ok=True)
    modes = {"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}
    width = {"word_embedding_dimension": TOWER["hidden_size"]}
    _write(folder / "1_Pooling" / "config.json", width | modes)
    return folder


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "clip": clip,
    "legacy_clip": legacy_clip,
    "siglip": siglip,
    "siglip2": siglip2,
    "bert_dual": bert_dual,
    "bert_mean": bert_mean,
}


def change(path: Path, **changes: object) -> None:
    """Set keys of a JSON file; ``None`` removes one."""
    values = json.loads(path.read_text()) | changes
    _write(path, {key: value for key, value in values.items() if value is not None})


def _clip_folder(
    folder: Path,
    vocabulary: dict[str, int],
    merges: list[tuple[str, str]],
    *,
    eos_token_id: int,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "vocab.json", vocabulary)
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n")
    _write(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77},
    )
    _images(folder, "CLIPImageProcessor", {"shortest_edge": IMAGE_SIZE})
    text = TOWER | {"vocab_size": len(vocabulary), "max_position_embeddings": 77}
    text |= {"bos_token_id": vocabulary[START], "eos_token_id": eos_token_id}
    config = CLIPConfig(text_config=text, vision_config=VISION, projection_dim=DIM)
    _save(folder, CLIPModel, config)


def _siglip_folder(folder: Path, *, vocab_size: int) -> None:
    _images(folder, "SiglipImageProcessor", {"height": IMAGE_SIZE, "width": IMAGE_SIZE})
    text = TOWER | {"vocab_size": vocab_size, "max_position_embeddings": 64}
    text |= {"bos_token_id": None, "eos_token_id": 1, "pad_token_id": 1}
    config = SiglipConfig(text_config=text, vision_config=VISION)
    _save(folder, SiglipModel, config)


def _bert_folder(folder: Path, vision: PretrainedConfig) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pieces = bert_pieces()
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    tokenizer = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    _write(folder / "tokenizer_config.json", tokenizer | {"model_max_length": 64})
    text = BertConfig(**TOWER, vocab_size=len(pieces), max_position_embeddings=64)
    config = VisionTextDualEncoderConfig.from_vision_text_configs(
        vision, text, projection_dim=DIM
    )
    _save(folder, VisionTextDualEncoderModel, config)


def _images(folder: Path, kind: str, size: dict[str, int]) -> None:
    values = {"image_processor_type": kind, "size": size}
    if kind == "CLIPImageProcessor":
        values["crop_size"] = {"height": IMAGE_SIZE, "width": IMAGE_SIZE}
    else:
        values |= {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    _write(folder / "preprocessor_config.json", values)


def _save(
    folder: Path, model_class: type[PreTrainedModel], config: PretrainedConfig
) -> None:
    with torch.device("meta"):
        shapes = {k: tuple(v.shape) for k, v in model_class(config).state_dict().items()}
    rng = np.random.default_rng(0)
    weights = {name: _weight(name, shapes[name], rng) for name in sorted(shapes)}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)


def _weight(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    centre = 1.0 if "norm" in name.lower() and name.endswith("weight") else 0.0
    centre += {"logit_scale": 2.0, "logit_bias": -3.0}.get(name, 0.0)
    return np.asarray(centre + 0.4 * rng.normal(size=shape), dtype=np.float32)


def _write(path: Path, values: dict) -> None:
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n")
