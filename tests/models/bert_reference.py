"""A BERT text tower written out in plain torch, slowly, from nothing but its weights."""

import math

import torch

HEADS, LAYERS, EPSILON = 4, 2, 1e-12


def bert_row(weights: dict[str, torch.Tensor], ids: list[int], *, mean: bool):
    """The unit row of one sentence: of its mean state, or of what the pooler makes."""
    weights = {name: tensor.double() for name, tensor in weights.items()}
    stem = "text_model.embeddings."
    states = weights[stem + "word_embeddings.weight"][ids]
    states = states + weights[stem + "position_embeddings.weight"][: len(ids)]
    states = states + weights[stem + "token_type_embeddings.weight"][0]
    states = _norm(weights, stem + "LayerNorm", states)
    for layer in range(LAYERS):
        states = _layer(weights, f"text_model.encoder.layer.{layer}.", states)
    if mean:
        pooled = states.sum(dim=0) / len(ids)
    else:
        pooled = torch.tanh(_linear(weights, "text_model.pooler.dense", states[0]))
    row = weights["text_projection.weight"] @ pooled
    return row / row.norm()


def _layer(weights, stem, states):
    attended = _attention(weights, stem + "attention.", states)
    states = _norm(weights, stem + "attention.output.LayerNorm", states + attended)
    hidden = _linear(weights, stem + "intermediate.dense", states)
    hidden = 0.5 * hidden * (1 + torch.erf(hidden / math.sqrt(2)))
    out = _linear(weights, stem + "output.dense", hidden)
    return _norm(weights, stem + "output.LayerNorm", states + out)


def _attention(weights, stem, states):
    query, key, value = (
        _linear(weights, f"{stem}self.{part}", states) for part in ("query", "key", "value")
    )
    outputs = []
    for part in range(HEADS):
        size = states.shape[1] // HEADS
        own = slice(part * size, (part + 1) * size)
        fit = query[:, own] @ key[:, own].T / math.sqrt(size)
        outputs.append(fit.softmax(dim=1) @ value[:, own])
    return _linear(weights, stem + "output.dense", torch.cat(outputs, dim=1))


def _norm(weights, name, x):
    centred = x - x.mean(dim=1, keepdim=True)
    spread = (centred.square().mean(dim=1, keepdim=True) + EPSILON).sqrt()
    return centred / spread * weights[name + ".weight"] + weights[name + ".bias"]


def _linear(weights, name, x):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]
