"""A small checkpoint to practise on: SigLIP's form, random weights, made in a second.

Everything that is done with a checkpoint of one's own can be done with this one first:
it has the files of a real folder, under the same names. Its weights are drawn by a seed,
so it knows nothing, and whatever it reaches is what knowing nothing reaches on the images
at hand. Several seeds give the range of that.

Limits: it is far smaller than any checkpoint that is used, its vocabulary is of a few
sentences about chests, and its numbers say nothing of a model.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from safetensors.numpy import save
from transformers import SiglipConfig, SiglipModel

from negcxr.models.checkpoint import CONFIG, WEIGHTS
from negcxr.writing import write_whole

PIXELS, PATCH, TOKENS, WIDTH = 32, 8, 64, 32
PIECES, TABLE = 128, 160  # asked of the vocabulary; more than it may come to hold
END = 1  # the token that ends a text, and pads it
SPREAD = 0.2  # of the weights: rows of texts and images then differ, and stay finite
TOWER = {
    "hidden_size": WIDTH,
    "intermediate_size": 2 * WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
SETTINGS = {
    "architectures": ["SiglipModel"],
    "model_type": "siglip",
    "text_config": TOWER
    | {"vocab_size": TABLE, "max_position_embeddings": TOKENS}
    | {"bos_token_id": None, "eos_token_id": END, "pad_token_id": END},
    "vision_config": TOWER | {"image_size": PIXELS, "patch_size": PATCH},
}
PROCESSOR = {
    "image_processor_type": "SiglipImageProcessor",
    "size": {"height": PIXELS, "width": PIXELS},
    "image_mean": [0.5] * 3,
    "image_std": [0.5] * 3,
}
TOKENIZER = {
    "tokenizer_class": "SiglipTokenizer",
    "do_lower_case": True,
    "eos_token": "</s>",
    "pad_token": "</s>",
    "unk_token": "<unk>",
    "model_max_length": TOKENS,
    "model_input_names": ["input_ids"],
}


def make_practice(folder: Path, sentences: Sequence[str], *, seed: int) -> Path:
    """Write a checkpoint of random weights into a folder, the same for the same seed.

    Args:
        folder: Made if it is not there; what is there already and the same is left alone.
        sentences: What the vocabulary is counted from.
        seed: Draws the weights, and nothing else.

    Returns:
        The folder.
    """
    files = {
        CONFIG: _json(SETTINGS),
        WEIGHTS: save(_weights(seed), metadata={"format": "pt"}),
        "preprocessor_config.json": _json(PROCESSOR),
        "tokenizer_config.json": _json(TOKENIZER),
        "spiece.model": _vocabulary(sentences),
    }
    for name, content in files.items():
        write_whole(folder / name, content)
    return folder


def _weights(seed: int) -> dict[str, np.ndarray]:
    with torch.device("meta"):  # the shapes alone; nothing of torch's own chance enters
        model = SiglipModel(SiglipConfig(**SETTINGS))
    shapes = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    rng = np.random.default_rng(seed)
    return {name: _drawn(name, shapes[name], rng) for name in sorted(shapes)}


def _drawn(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
    centre += {"logit_scale": 2.0, "logit_bias": -3.0}.get(name, 0.0)
    return np.asarray(centre + SPREAD * rng.normal(size=shape), dtype=np.float32)


def _vocabulary(sentences: Sequence[str]) -> bytes:
    """Pieces of words as SigLIP has them: padding 0, end of text 1, unknown 2, no start."""
    made: list[bytes] = []

    class Sink:
        def write(self, content: bytes) -> None:
            made.append(content)

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=Sink(),
        model_type="bpe",  # counted, not estimated: the same pieces everywhere
        vocab_size=PIECES,
        hard_vocab_limit=False,
        pad_id=0,
        eos_id=END,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
        num_threads=1,
    )
    return b"".join(made)


def _json(values: dict) -> bytes:
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()
