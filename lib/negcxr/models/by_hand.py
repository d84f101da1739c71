"""A text tower written out in plain matrix products, to hold the model's own run against.

Idea: a loaded model is right only if its config is read as its weights were trained:
which tokens see which, how attention is scaled, which curve bends a layer, where the row
is read. Written out from nothing but weights and config, in double precision, the same
sentence must give the same row.

Limits: slow, one sentence at a time, and no image tower. Both readings would share a
mistake in the config itself.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.models.encoder import DualEncoder
from negcxr.shapes import checked

Weights = Mapping[str, torch.Tensor]
States = Float[torch.Tensor, "token width"]


def _tanh(x: torch.Tensor) -> torch.Tensor:
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


BENDS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
    "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2))),
    "gelu_pytorch_tanh": _tanh,
    "gelu_new": _tanh,
    "relu": lambda x: x.clamp(min=0),
}


# What the parts of a layer are called in a file of weights.
CLIP, BERT = "text_model.encoder.layers.", "text_model.encoder.layer."
PARTS = {
    CLIP: {
        **{part: f"self_attn.{part}_proj" for part in ("q", "k", "v", "out")},
        **{"norm1": "layer_norm1", "norm2": "layer_norm2"},
        **{"up": "mlp.fc1", "down": "mlp.fc2"},
    },
    BERT: {
        **{"q": "attention.self.query", "k": "attention.self.key"},
        **{"v": "attention.self.value", "out": "attention.output.dense"},
        **{"norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"},
        **{"up": "intermediate.dense", "down": "output.dense"},
    },
}


class Design(NamedTuple):
    """What the weights do not say by themselves.

    Attributes:
        family: ``model_type`` of the whole.
        layers: How many.
        heads: Of each layer.
        epsilon: Added to a variance before its root is taken.
        bend: The curve of a layer, as the config names it.
    """

    family: str
    layers: int
    heads: int
    epsilon: float
    bend: str


def design_of(encoder: DualEncoder) -> Design:
    """The design of an encoder's text tower, from its config.

    Raises:
        InputError: Its curve is not among ``BENDS``.
    """
    config = encoder.model.config.text_config
    if config.hidden_act not in BENDS:
        known = ", ".join(BENDS)
        raise InputError(f"hidden_act {config.hidden_act!r}; written out are {known}")
    return Design(
        encoder.checkpoint.family,
        config.num_hidden_layers,
        config.num_attention_heads,
        config.layer_norm_eps,
        config.hidden_act,
    )


def text_row(encoder: DualEncoder, text: str) -> Float[torch.Tensor, " dim"]:
    """The unit row of one sentence, written out, in double precision.

    Raises:
        InputError: The design has something that is not written out.
    """
    (ids,) = encoder.token_rows([text])
    weights = encoder.model.state_dict()
    return unit_row(weights, design_of(encoder), ids, at=encoder.pooled(ids))


@checked
def unit_row(
    weights: Weights, design: Design, ids: Sequence[int], *, at: int
) -> Float[torch.Tensor, " dim"]:
    """The unit row of the tokens of one sentence.

    Args:
        ids: As the tower gets them, padding included where it sees that.
        at: The place that is read; -1 takes the mean over tokens.
    """
    with torch.inference_mode():
        bert = design.family == "vision-text-dual-encoder"
        states = (_bert if bert else _clip)(weights, design, list(ids))
        if at < 0:
            row = states.mean(dim=0)
        elif bert:
            row = torch.tanh(_linear(weights, "text_model.pooler.dense", states[at]))
        else:
            row = states[at]
        head = "text_model.head" if design.family == "siglip" else "text_projection"
        row = _linear(weights, head, row)
        return row / row.norm()


def _clip(weights: Weights, design: Design, ids: list[int]) -> States:
    stem = "text_model.embeddings."
    states = _rows(weights, stem + "token_embedding", ids)
    states = states + _rows(weights, stem + "position_embedding", range(len(ids)))
    for number in range(design.layers):
        stem, parts = f"{CLIP}{number}.", PARTS[CLIP]
        normed = _norm(weights, stem + parts["norm1"], states, design)
        states = states + _attention(weights, stem, normed, design)
        normed = _norm(weights, stem + parts["norm2"], states, design)
        states = states + _mlp(weights, stem, normed, design)
    return _norm(weights, "text_model.final_layer_norm", states, design)


def _bert(weights: Weights, design: Design, ids: list[int]) -> States:
    stem = "text_model.embeddings."
    states = _rows(weights, stem + "word_embeddings", ids)
    states = states + _rows(weights, stem + "position_embeddings", range(len(ids)))
    states = states + _rows(weights, stem + "token_type_embeddings", [0] * len(ids))
    states = _norm(weights, stem + "LayerNorm", states, design)
    for number in range(design.layers):
        stem, parts = f"{BERT}{number}.", PARTS[BERT]
        states = states + _attention(weights, stem, states, design)
        states = _norm(weights, stem + parts["norm1"], states, design)
        states = states + _mlp(weights, stem, states, design)
        states = _norm(weights, stem + parts["norm2"], states, design)
    return states


def _attention(weights: Weights, stem: str, states: States, design: Design) -> States:
    parts = PARTS[BERT if stem.startswith(BERT) else CLIP]
    query, key, value = (
        _linear(weights, stem + part, states).chunk(design.heads, dim=1)
        for part in (parts["q"], parts["k"], parts["v"])
    )
    outputs = []
    for asks, answers, says in zip(query, key, value, strict=True):
        fit = asks @ answers.T / math.sqrt(asks.shape[1])
        if design.family == "clip":  # a token sees itself and what stands before it
            later = torch.ones_like(fit, dtype=torch.bool).triu(1)
            fit = fit.masked_fill(later, -math.inf)
        outputs.append(fit.softmax(dim=1) @ says)
    return _linear(weights, stem + parts["out"], torch.cat(outputs, dim=1))


def _mlp(weights: Weights, stem: str, states: States, design: Design) -> States:
    parts = PARTS[BERT if stem.startswith(BERT) else CLIP]
    hidden = BENDS[design.bend](_linear(weights, stem + parts["up"], states))
    return _linear(weights, stem + parts["down"], hidden)


def _norm(weights: Weights, name: str, x: States, design: Design) -> States:
    centred = x - x.mean(dim=1, keepdim=True)
    spread = (centred.square().mean(dim=1, keepdim=True) + design.epsilon).sqrt()
    scale, shift = (_double(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return centred / spread * scale + shift


def _linear(weights: Weights, name: str, x: torch.Tensor) -> torch.Tensor:
    found = x @ _double(weights[name + ".weight"]).T
    return found + _double(weights[name + ".bias"]) if name + ".bias" in weights else found


def _rows(weights: Weights, name: str, places: Sequence[int]) -> States:
    table = weights[name + ".weight"]
    return _double(table[torch.as_tensor(list(places), device=table.device)])


def _double(tensor: torch.Tensor) -> torch.Tensor:
    """One tensor at a time, so that the memory of a whole tower is never taken twice."""
    return tensor.detach().cpu().double()
