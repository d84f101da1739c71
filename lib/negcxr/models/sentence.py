"""A sentence encoder without images, BERT with the mean over tokens, as a text tower.

Idea: what a checkpoint does with "no" may be what any reading of text does. So a model
that has seen neither X-rays nor captions goes through the same looks inside, by the same
steps. Every token sees every other, and the row is the mean of all tokens, so no single
token is read and an analysis of "the token that is read" has nothing to say here.

Padding is seen by no token and counted in no mean. The blank is ``[MASK]``: BERT was
trained to find it where a word is not to be known, while it has never looked at ``[PAD]``.

Limits: BERT's encoder with positions counted from the start, and the mean over tokens;
an encoder that takes the first token or adds a layer behind the mean is refused where its
files say so. Without an image there is no contrast of images: a side needs another one.

Reference:
    Reimers & Gurevych (2019), Sentence-BERT, https://arxiv.org/abs/1908.10084.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import transformers
from jaxtyping import Float
from torch.nn.functional import normalize

from negcxr.errors import InputError
from negcxr.models.anatomy import TokenTable
from negcxr.models.bert import NOWHERE, BertTower, mean_of, seen_tokens
from negcxr.models.checkpoint import Checkpoint
from negcxr.models.device import usable
from negcxr.models.loading import load_model, load_tokenizer, quiet
from negcxr.models.sentence_folder import TOKENIZER, read_sentence_folder, text_length
from negcxr.models.tower import States, Tokens
from negcxr.paths import at_root

# Whatever class is named, the file itself says how a text is cut and what is lower case.
TOKENIZERS = dict.fromkeys(
    ("BertTokenizer", "PreTrainedTokenizer", "TokenizersBackend"),
    transformers.TokenizersBackend,
)
MARKS = {
    "cls_token": "[CLS]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "mask_token": "[MASK]",
    "unk_token": "[UNK]",
}


def load_sentence_tower(
    folder: str | Path, *, device: str = "cpu", dtype: str = "float32"
) -> "SentenceTower":
    """The tower of a sentence encoder in a folder, taken from the project's root.

    Raises:
        InputError: A file is missing, or says something that is not read here; weights
            are no safetensors, or not all there; or ``device`` or ``dtype`` cannot be had.
    """
    found = read_sentence_folder(at_root(folder).resolve())
    place = usable(device, dtype)
    with quiet():
        model = load_model(
            found.folder, transformers.BertModel, place.dtype, add_pooling_layer=False
        )
        tokenizer = load_tokenizer(found.folder, "BertTokenizer", TOKENIZERS, **MARKS)
    return SentenceTower(found, model.to(place.device).eval(), tokenizer)


class SentenceTower(BertTower):
    """The whole of a sentence encoder, step by step.

    Attributes:
        checkpoint: What was loaded.
        model: The model itself.
        tokenizer: The model's own tokenizer.
        text_length: How many tokens of a text it reads, start and end among them.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        model: transformers.BertModel,
        tokenizer: transformers.PreTrainedTokenizerBase,
    ) -> None:
        self.checkpoint, self.tokenizer = checkpoint, tokenizer
        self.name = checkpoint.name
        self.take_apart(model)
        self.blank = tokenizer.mask_token_id
        self.text_length = min(
            text_length(checkpoint.folder),
            model.config.max_position_embeddings,
            tokenizer.model_max_length,
        )
        self._refuse_other_tokenizer()

    @property
    def outer(self) -> list[torch.nn.Module]:
        """The embeddings; behind the last layer there is but a mean."""
        return [self.model.embeddings]

    @property
    def special(self) -> list[int]:
        """The ids of start, end and padding."""
        named = self.tokenizer
        return [named.cls_token_id, named.sep_token_id, named.pad_token_id]

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Texts as tokens, cut to ``text_length`` before the end, and padded."""
        rows = self._token_rows(texts)
        longest, padding = max(map(len, rows)), self.tokenizer.pad_token_id
        ids = [[*row, *[padding] * (longest - len(row))] for row in rows]
        lengths = torch.tensor([len(row) for row in rows], device=self.device)
        ids = torch.tensor(ids, device=self.device)
        return Tokens(ids, lengths, torch.full_like(lengths, NOWHERE))

    def token_table(self, text: str) -> TokenTable:
        """The tokens of one text as the model reads them; none of them is the row."""
        (ids,) = self._token_rows([text])
        strings = tuple(self.tokenizer.convert_ids_to_tokens(ids))
        return TokenTable(np.array(ids), strings, np.isin(ids, self.special), NOWHERE)

    def end(self, states: States, tokens: Tokens) -> Float[torch.Tensor, "*batch dim"]:
        """A unit row a text: the mean of its tokens' states after the last layer."""
        mean = mean_of(states, seen_tokens(tokens))
        return normalize(mean.float(), dim=-1)  # half precision would miss the unit by 1e-3

    def _token_rows(self, texts: Sequence[str]) -> list[list[int]]:
        how = {"truncation": True, "max_length": self.text_length, "verbose": False}
        return self.tokenizer(list(texts), **how)["input_ids"]

    def _refuse_other_tokenizer(self) -> None:
        (ids,) = self._token_rows([""])
        known = len(self.tokenizer) <= self.embedding.num_embeddings
        if ids != self.special[:2] or not known:
            raise InputError(
                f"{self.checkpoint.folder / TOKENIZER}: reads an empty text as {ids} out "
                f"of {len(self.tokenizer)} tokens; allowed: [CLS] and [SEP], "
                f"{self.special[:2]}, of at most {self.embedding.num_embeddings}"
            )
