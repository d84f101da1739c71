"""The text tower of a dual encoder, CLIP or SigLIP, as a tower to be taken apart."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.functional import normalize

from negcxr.models.anatomy import TokenTable, special_ids
from negcxr.models.encoder import DualEncoder
from negcxr.models.tower import States, TextTower, Tokens, at_read


class DualTower(TextTower):
    """The text tower of a dual encoder.

    A causal tower reads its last token, so padding behind it is seen by none and trimmed;
    the others were trained on rows of one length, which they get (see `DualEncoder`).
    """

    def __init__(self, encoder: DualEncoder) -> None:
        self.encoder = encoder
        self.name = encoder.checkpoint.name
        self.model = encoder.model.text_model
        self.layers = encoder.text_layers()
        self.embedding = self.model.embeddings.token_embedding
        self.width = self.embedding.embedding_dim
        self.device = encoder.device
        padding = encoder.tokenizer.pad_token_id
        self.blank = encoder.tokenizer.eos_token_id if padding is None else padding

    @property
    def outer(self) -> list[nn.Module]:
        """The embeddings, and the norm and the projection behind the last layer."""
        model = self.model
        return [model.embeddings, model.final_layer_norm, self.encoder.text_projection]

    @property
    def special(self) -> list[int]:
        """The ids of start, end and padding."""
        return special_ids(self.encoder.tokenizer)

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Texts as tokens, padded no further than exact."""
        rows = self.encoder.token_rows(texts)
        ids = self.encoder.stacked(rows)
        lengths = torch.tensor([len(row) for row in rows], device=self.device)
        read = torch.tensor([self.encoder.pooled(row) for row in rows], device=self.device)
        return Tokens(ids, lengths, read)

    def token_table(self, text: str) -> TokenTable:
        """The tokens of one text as the model reads them."""
        return self.encoder.token_table(text)

    def begin(self, tokens: Tokens) -> States:
        """The states that the first layer gets."""
        return self.model.embeddings(input_ids=tokens.ids)

    def step(self, number: int, states: States, tokens: Tokens) -> States:
        """The states after one layer, from those before it."""
        module = self.layers[number].module
        return module(states, attention_mask=None, is_causal=self.encoder.causal)

    def end(self, states: States, tokens: Tokens) -> torch.Tensor:
        """A unit row a text, from the states after the last layer."""
        states = self.model.final_layer_norm(at_read(states, tokens))
        # In single precision, as half would round a unit row's length.
        return normalize(self.encoder.text_projection(states).float(), dim=-1)
