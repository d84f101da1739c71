"""Checkpoint folders whose text tower hears "no" by one head alone, or not at all.

Each feature takes two places of a state, with opposite signs, so that layer norms scale it
and nothing else. Attention is uniform, so a head takes the mean over what it sees. A head
of the first layer brings the findings to the token that is read; the planted head brings
"no" there and turns the pole; all other heads write into features that no row looks at.
A row is (pole, effusion, pneumonia, constant, ...): the pole is above zero for whatever
is affirmed and below it for what "no" denies.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from tests import checkpoints

WIDTH, HEAD_DIM = checkpoints.TOWER["hidden_size"], 4
POLE, EFFUSION, PNEUMONIA, CONSTANT, CUE, OTHER = range(6)
NOISE = (6, 7)  # features that the other heads write
PLANT = (1, 2)  # layer and head that carry the cue
FINDER = (0, 0)  # layer and head that bring the findings
CUE_WORD, PLAIN_WORD = "no", "evidence"  # one token each in both families, as findings are
FAMILIES: dict[str, Callable[[Path], Path]] = {
    "clip": checkpoints.clip,
    "siglip": checkpoints.siglip,
}
# Of the finding and of the cue; a mean over 64 tokens dilutes more than one over a few.
GAINS = {"clip": (4.0, 12.0), "siglip": (40.0, 400.0)}
WORDS = {CUE_WORD: CUE, "effusion": EFFUSION, "pneumonia": PNEUMONIA, PLAIN_WORD: OTHER}


def planted(folder: Path, family: str, plant: tuple[int, int] | None = PLANT) -> Path:
    """A folder of a family with the cue in one head; ``None`` makes it deaf to "no"."""
    FAMILIES[family](folder)
    weights = load_file(folder / "model.safetensors")
    for name in [name for name in weights if name.startswith("text_")]:
        weights[name] = np.zeros_like(weights[name])
        if "norm" in name and name.endswith("weight"):
            weights[name] += 1
    weights["text_model.embeddings.token_embedding.weight"] = _table(
        folder, family, weights
    )
    rng = np.random.default_rng(0)
    for layer in range(checkpoints.TOWER["num_hidden_layers"]):
        for head in range(checkpoints.HEADS):
            _write(weights, (layer, head), rng.choice(NOISE), [rng.choice(NOISE), OTHER], 1)
    bring, turn = GAINS[family]
    _write(weights, FINDER, EFFUSION, [EFFUSION], bring)
    _write(weights, FINDER, PNEUMONIA, [PNEUMONIA], bring, place=1)
    if plant:
        _write(weights, plant, POLE, [CUE], -turn)
    _project(weights, family)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def feature(number: int) -> np.ndarray:
    """A state that holds one feature."""
    state = np.zeros(WIDTH, np.float32)
    state[2 * number], state[2 * number + 1] = 1, -1
    return state


def _table(folder: Path, family: str, weights: dict[str, np.ndarray]) -> np.ndarray:
    from negcxr.models import load_encoder  # writes nothing; needs the folder's tokenizer

    encoder = load_encoder(str(folder))
    table = np.zeros_like(weights["text_model.embeddings.token_embedding.weight"])
    table += 0.5 * feature(OTHER)
    for word, number in WORDS.items():
        ids = [i for i in encoder.token_rows([word])[0] if i not in _ends(encoder)]
        assert len(ids) == 1, f"{word} is not one token of {family}"
        table[ids[0]] = feature(number)
    for end in _ends(encoder):
        table[end] = feature(POLE) + feature(CONSTANT)
    return table


def _ends(encoder) -> set[int]:
    tokenizer = encoder.tokenizer
    ids = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id}
    return ids - {None}


def _write(
    weights: dict[str, np.ndarray],
    where: tuple[int, int],
    to: int,
    of: list[int],
    gain: float,
    *,
    place: int = 0,
) -> None:
    """Let a head bring the mean of some features to another one, through one place."""
    layer, head = where
    stem, row = f"text_model.encoder.layers.{layer}.self_attn", head * HEAD_DIM + place
    value, out = weights[f"{stem}.v_proj.weight"], weights[f"{stem}.out_proj.weight"]
    value[row] = sum(feature(number) for number in of) / 2
    out[:, row] = gain * feature(to) / 2


def _project(weights: dict[str, np.ndarray], family: str) -> None:
    """Rows of the first features; the cue itself and what the others write are not seen."""
    name = {"clip": "text_projection.weight", "siglip": "text_model.head.weight"}[family]
    for number in (POLE, EFFUSION, PNEUMONIA, CONSTANT):
        weights[name][number] = feature(number) / 2
