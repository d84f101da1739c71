"""BERT as a text tower, step by step: what a sentence encoder and a dual encoder share.

Every token sees every other, and padding is seen by none, so trimming it is exact. How
tokens become a row is left to those who stand on this: a token's state, or the mean.

Limits: an encoder with positions counted from the start; decoders and relative positions
are refused, since their layers want more than states.
"""

from pathlib import Path

import torch
from jaxtyping import Bool, Float
from transformers import BertModel

from negcxr.errors import InputError
from negcxr.models.anatomy import bert_layers
from negcxr.models.tower import States, TextTower, Tokens

NOWHERE = -1  # the row is read from no single token


class BertTower(TextTower):
    """The layers of a BERT; a subclass says what becomes of the last states."""

    def take_apart(self, model: BertModel) -> None:
        """Name the parts of a model that is on its device already."""
        self.model = model
        self.layers = bert_layers(model)
        self.embedding = model.embeddings.word_embeddings
        self.width = self.embedding.embedding_dim
        self.device = model.device

    def begin(self, tokens: Tokens) -> States:
        """The states that the first layer gets."""
        return self.model.embeddings(input_ids=tokens.ids)

    def step(self, number: int, states: States, tokens: Tokens) -> States:
        """The states after one layer, from those before it."""
        seen = seen_tokens(tokens)
        mask = None if bool(seen.all()) else _added(seen, states.dtype)
        return self.layers[number].module(states, attention_mask=mask)


def _added(seen: Bool[torch.Tensor, "text token"], dtype: torch.dtype) -> torch.Tensor:
    # Added to the fit of two tokens, as every way of attention takes it.
    mask = torch.zeros(seen.shape, dtype=dtype, device=seen.device)
    return mask.masked_fill(~seen, -torch.inf)[:, None, None, :]


def seen_tokens(tokens: Tokens) -> Bool[torch.Tensor, "text token"]:
    """Which tokens are no padding."""
    places = torch.arange(tokens.ids.shape[1], device=tokens.ids.device)
    return places < tokens.lengths[:, None]


def mean_of(
    states: States, seen: Bool[torch.Tensor, "text token"]
) -> Float[torch.Tensor, "*batch width"]:
    """The mean state of a text's tokens, padding left out."""
    counted = states * seen[..., None].to(states.dtype)
    return counted.sum(dim=-2) / seen.sum(dim=-1, keepdim=True)


def refuse_other_bert(values: dict, path: Path) -> None:
    """Refuse a BERT whose config says that it is no plain encoder.

    Raises:
        InputError: Positions are counted in another way, or it is a decoder.
    """
    positions = values.get("position_embedding_type", "absolute")
    if positions != "absolute" or values.get("is_decoder"):
        raise InputError(
            f"{path}: position_embedding_type {positions!r}, is_decoder "
            f"{bool(values.get('is_decoder'))}; allowed: 'absolute' and False"
        )
