"""What later chapters look at inside a text tower: its tokens and its layers."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int
from torch import nn
from transformers import BertModel, PreTrainedModel, PreTrainedTokenizerBase

# BERT counts its layers under "layer", the towers of CLIP and SigLIP under "layers".
LAYER = re.compile(r"text_model\.encoder\.layers?\.(\d+)\.")


class TokenTable(NamedTuple):
    """What a model reads of one sentence.

    Attributes:
        ids: Tokens as the text tower gets them.
        strings: The same, as pieces of text.
        special: Whether a token is start, end or padding rather than text.
        pooled: The one token whose last state becomes the sentence's row; -1 where the
            row is the mean over tokens.
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


def special_ids(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The ids of start, end and padding, as far as a tokenizer has them.

    BERT's tokenizers call the first two otherwise.
    """
    names = ("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id", "pad_token_id")
    found = (getattr(tokenizer, name, None) for name in names)
    return list(dict.fromkeys(token for token in found if token is not None))


def token_table(
    tokenizer: PreTrainedTokenizerBase, ids: Sequence[int], *, pooled: int
) -> TokenTable:
    """The table of these tokens; an unknown word counts as text."""
    strings = tuple(tokenizer.convert_ids_to_tokens(list(ids)))
    special = np.isin(ids, special_ids(tokenizer))
    return TokenTable(np.array(ids), strings, special, pooled)


def text_layers(model: PreTrainedModel) -> list[TextLayer]:
    """The layers of the text tower, the first one first."""
    layers = []
    for module in model.text_model.encoder.layers:
        heads = module.self_attn
        layers.append(TextLayer(module, heads.num_heads, heads.head_dim, heads.out_proj))
    return layers


def bert_layers(model: BertModel) -> list[TextLayer]:
    """The layers of a BERT, the first one first."""
    layers = []
    for module in model.encoder.layer:
        heads = module.attention.self
        # In chunks, a layer would cut along the wrong axis where variants stand in front.
        module.chunk_size_feed_forward = 0
        count, size = heads.num_attention_heads, heads.attention_head_size
        layers.append(TextLayer(module, count, size, module.attention.output.dense))
    return layers


def layer_of(weight: str) -> int | None:
    """The layer of the text tower that a weight lies in, from 0; None if in no layer.

    Example:
        >>> layer_of("text_model.encoder.layers.2.mlp.fc1.weight")
        2
        >>> layer_of("text_projection.weight") is None
        True
    """
    found = LAYER.match(weight)
    return int(found[1]) if found else None
