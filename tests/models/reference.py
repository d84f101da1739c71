"""A text tower written out in plain torch, slowly, from nothing but its weights."""

import math

import torch

HEADS, LAYERS, EPSILON = 4, 2, {"clip": 1e-5, "siglip": 1e-6}


def text_row(weights: dict[str, torch.Tensor], ids: list[int], family: str, at: int):
    """The unit row of one sentence, read at place ``at``."""
    weights = {name: tensor.double() for name, tensor in weights.items()}
    stem = "text_model.embeddings."
    states = weights[stem + "token_embedding.weight"][ids]
    states = states + weights[stem + "position_embedding.weight"][: len(ids)]
    for layer in range(LAYERS):
        states = _layer(weights, f"text_model.encoder.layers.{layer}.", states, family)
    states = _norm(weights, "text_model.final_layer_norm", states, family)
    if family == "clip":
        row = weights["text_projection.weight"] @ states[at]
    else:
        row = weights["text_model.head.weight"] @ states[at]
        row = row + weights["text_model.head.bias"]
    return row / row.norm()


def _layer(weights, stem, states, family):
    normed = _norm(weights, stem + "layer_norm1", states, family)
    states = states + _attention(weights, stem + "self_attn.", normed, family)
    normed = _norm(weights, stem + "layer_norm2", states, family)
    hidden = _linear(weights, stem + "mlp.fc1", normed)
    return states + _linear(weights, stem + "mlp.fc2", _bend(hidden, family))


def _attention(weights, stem, states, family):
    query, key, value = (
        _linear(weights, f"{stem}{part}_proj", states) for part in ("q", "k", "v")
    )
    outputs = []
    for part in range(HEADS):
        size = states.shape[1] // HEADS
        own = slice(part * size, (part + 1) * size)
        fit = query[:, own] @ key[:, own].T / math.sqrt(size)
        if family == "clip":  # a token sees itself and what stands before it
            later = torch.ones_like(fit, dtype=torch.bool).triu(1)
            fit = fit.masked_fill(later, -math.inf)
        outputs.append(fit.softmax(dim=1) @ value[:, own])
    return _linear(weights, stem + "out_proj", torch.cat(outputs, dim=1))


def _bend(x, family):
    if family == "clip":
        return x * torch.sigmoid(1.702 * x)
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


def _norm(weights, name, x, family):
    centred = x - x.mean(dim=1, keepdim=True)
    spread = (centred.square().mean(dim=1, keepdim=True) + EPSILON[family]).sqrt()
    return centred / spread * weights[name + ".weight"] + weights[name + ".bias"]


def _linear(weights, name, x):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]
