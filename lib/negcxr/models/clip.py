"""CLIP: a causal text tower, read at the end-of-text token.

A token sees only what stands before it, so padding behind the end of text changes
nothing and is cut to what a batch needs. It also means that a row without its end of text
is read somewhere else, without a word from the model: such a row is refused.
"""

from collections.abc import Sequence

from torch.nn import Linear
from transformers import CLIPModel

from negcxr.errors import InputError
from negcxr.models.encoder import DualEncoder
from negcxr.models.loading import Kinds

# What configs said before the id was corrected; the model then reads the highest id.
LEGACY_END = 2


class ClipEncoder(DualEncoder):
    """A checkpoint with ``model_type`` clip, in which XrayCLIP and many others come."""

    kinds = Kinds(CLIPModel, "CLIPTokenizer", "CLIPImageProcessor")
    causal = True

    @property
    def dim(self) -> int:
        """The length of a row."""
        return self.model.config.projection_dim

    @property
    def bias(self) -> float:
        """Zero: this family adds none, whatever loss it was trained by."""
        return 0.0

    @property
    def text_projection(self) -> Linear:
        """The way from the text tower's last state into the common space."""
        return self.model.text_projection

    @property
    def end(self) -> int:
        """The id of the end-of-text token."""
        own = self.model.config.text_config.eos_token_id
        return self.tokenizer.eos_token_id if own == LEGACY_END else own

    def token_rows(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text without padding; a long text is cut before its end token.

        Raises:
            InputError: A text whose row does not end at the token that is read.
        """
        rows = self._tokenize(texts, truncation=True, max_length=self.text_length)
        for text, ids in zip(texts, rows, strict=True):
            if self.end not in ids or self.pooled(ids) != len(ids) - 1:
                raise InputError(
                    f"prompt {text!r}: its last token is not the end of text (id "
                    f"{self.end}) that {self.checkpoint.name} reads; allowed: a tokenizer "
                    "that ends each text by it, and texts that hold none (some "
                    "tokenizers turn an unknown sign into one)"
                )
        return rows

    def pooled(self, ids: Sequence[int]) -> int:
        """The first end of text; under the legacy id, the highest id."""
        if self.model.config.text_config.eos_token_id == LEGACY_END:
            return list(ids).index(max(ids))
        return list(ids).index(self.end)
