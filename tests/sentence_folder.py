"""A tiny sentence encoder in the form of real ones: BERT, with its words by hand."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from tests import checkpoints
from tests.vocabularies import WORDS
from transformers import BertConfig, BertModel

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PIECES = [*WORDS, "heart", "pneumo", "##thorax", ",", "."]
POSITIONS = 32


def bert(folder: Path) -> Path:
    """Random weights, lower-case word pieces, and no pooler, as real ones come."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer()))
    config = BertConfig(
        **checkpoints.TOWER,
        vocab_size=len(SPECIAL) + len(PIECES),
        max_position_embeddings=POSITIONS,
    )
    with torch.device("meta"):
        model = BertModel(config, add_pooling_layer=False)
        shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    rng = np.random.default_rng(0)
    weights = {name: _weight(name, shapes[name], rng) for name in sorted(shapes)}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)
    return folder


def _weight(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    centre = 1.0 if name.endswith("LayerNorm.weight") else 0.0
    return np.asarray(centre + 0.4 * rng.normal(size=shape), dtype=np.float32)


def _tokenizer() -> dict:
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    ends = {token: SPECIAL.index(token) for token in ("[CLS]", "[SEP]")}
    marks = [{"SpecialToken": {"id": token, "type_id": 0}} for token in ends]
    text = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "version": "1.0",
        # Both as in the published file: what it asks for must not reach a text.
        "truncation": {
            "max_length": 4,
            "strategy": "LongestFirst",
            "stride": 0,
            "direction": "Right",
        },
        "padding": {
            "strategy": {"Fixed": 4},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        },
        "added_tokens": [
            {"id": i, "content": token, "special": True} | plain
            for i, token in enumerate(SPECIAL)
        ],
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [marks[0], text, marks[1]],
            "pair": [marks[0], text, marks[1]],
            "special_tokens": {
                token: {"id": token, "ids": [number], "tokens": [token]}
                for token, number in ends.items()
            },
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: i for i, piece in enumerate(SPECIAL + PIECES)},
        },
    }
