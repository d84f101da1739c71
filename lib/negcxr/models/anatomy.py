"""What later chapters look at inside a text tower: its tokens and its layers."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase


class TokenTable(NamedTuple):
    """What a model reads of one sentence.

    Attributes:
        ids: Tokens as the text tower gets them.
        strings: The same, as pieces of text.
        special: Whether a token is start, end or padding rather than text.
        pooled: The one token whose last state becomes the sentence's row.
    """

    ids: Int[np.ndarray, " token"]
    strings: tuple[str, ...]
    special: Bool[np.ndarray, " token"]
    pooled: int


class TextLayer(NamedTuple):
    """One layer of a text tower; ``out_proj`` takes its heads' outputs side by side."""

    module: nn.Module
    n_heads: int
    head_dim: int
    out_proj: nn.Linear


def token_table(
    tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], *, pooled: int
) -> TokenTable:
    """The table of these tokens; an unknown word counts as text."""
    special = [tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id]
    named = [token for token in special if token is not None]
    strings = tuple(tokenizer.convert_ids_to_tokens(list(ids)))
    return TokenTable(np.array(ids), strings, np.isin(ids, named), pooled)


def text_layers(model: PreTrainedModel) -> list[TextLayer]:
    """The layers of the text tower, the first one first."""
    layers = []
    for module in model.text_model.encoder.layers:
        heads = module.self_attn
        layers.append(TextLayer(module, heads.num_heads, heads.head_dim, heads.out_proj))
    return layers
