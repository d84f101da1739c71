"""SigLIP, and SigLIP 2 of fixed resolution: every token sees all, the last one is read.

Such a text tower was trained on rows padded to one length without a mask, and it reads
the last place, mostly padding. Rows are therefore always padded in full and no mask is
ever passed; either would move every number.

Limits: the first SigLIP's tokenizer drops punctuation, so a denial whose scope a comma
ends reads as one that goes on. SigLIP 2 with variable resolution (``model_type``
siglip2) is another architecture and not among the families.
"""

from collections.abc import Sequence

from torch.nn import Linear
from transformers import SiglipModel

from negcxr.models.encoder import DualEncoder
from negcxr.models.loading import Kinds


class SiglipEncoder(DualEncoder):
    """A checkpoint with ``model_type`` siglip, in which XraySigLIP and others come."""

    kinds = Kinds(SiglipModel, "SiglipTokenizer", "SiglipImageProcessor")
    causal = False

    @property
    def dim(self) -> int:
        """The length of a row."""
        return self.model.config.text_config.projection_size

    @property
    def bias(self) -> float:
        """The learnt bias: far below zero, as most pairs do not match."""
        return self.model.logit_bias.item()

    @property
    def text_projection(self) -> Linear:
        """The way from the text tower's last state into the common space."""
        return self.model.text_model.head

    def token_rows(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, padded or cut to ``text_length``."""
        length = self.text_length
        return self._tokenize(
            texts, padding="max_length", truncation=True, max_length=length
        )

    def pooled(self, ids: Sequence[int]) -> int:
        """The last place."""
        return len(ids) - 1

    def _tokenize(self, texts: Sequence[str], **settings: object) -> list[list[int]]:
        # SigLIP 2 was trained in lower case and says so, but its tokenizer does not do it.
        if self.tokenizer.init_kwargs.get("do_lower_case"):
            texts = [text.lower() for text in texts]
        return super()._tokenize(texts, **settings)
