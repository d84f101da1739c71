"""A BERT beside an image tower: what transformers calls a vision-text dual encoder.

CXR-BERT and its like come in this form. A row is BERT's pooler output, which is read from
the first token, or, where the folder's ``1_Pooling`` says so, the mean over tokens; either
goes through a projection. Padding is seen by no token, so a mask goes along with ids, and
trimming is exact.

Limits: the text tower is a plain BERT and the image tower a ViT or CLIP's; a checkpoint
whose own code projects in another way (BioViL's, MedCLIP's) has to be saved in this form
first.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import nn
from torch.nn.functional import normalize
from transformers import VisionTextDualEncoderModel

from negcxr.errors import InputError
from negcxr.models.anatomy import TextLayer, TokenTable, bert_layers, special_ids
from negcxr.models.bert import (
    NOWHERE,
    BertTower,
    mean_of,
    refuse_other_bert,
    seen_tokens,
)
from negcxr.models.checkpoint import CONFIG, Checkpoint, read_json
from negcxr.models.encoder import DualEncoder
from negcxr.models.loading import Kinds
from negcxr.models.pooling import says_mean
from negcxr.models.tower import States, Tokens, at_read

FIRST = 0  # BERT's [CLS], from which its pooler reads
TOWERS = {"text_config": ("bert",), "vision_config": ("clip_vision_model", "vit")}


class BertDualEncoder(DualEncoder):
    """A checkpoint with ``model_type`` vision-text-dual-encoder and a BERT for its texts.

    Attributes:
        takes_mean: Whether a row is the mean over tokens rather than the pooler's output.
    """

    kinds = Kinds(VisionTextDualEncoderModel, "BertTokenizer", "ViTImageProcessor")
    causal = False

    def __init__(
        self, checkpoint: Checkpoint, *, device: str = "cpu", dtype: str = "float32"
    ) -> None:
        """Load a checkpoint of this family.

        Raises:
            InputError: As any family; also if a tower is of another kind.
        """
        _refuse_other_towers(checkpoint)
        self.takes_mean = says_mean(checkpoint.folder)
        super().__init__(checkpoint, device=device, dtype=dtype)

    @property
    def dim(self) -> int:
        """The length of a row."""
        return self.model.config.projection_dim

    @property
    def bias(self) -> float:
        """Zero: this family adds none."""
        return 0.0

    @property
    def text_projection(self) -> nn.Linear:
        """The way from the text tower's last state into the common space."""
        return self.model.text_projection

    def token_rows(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text without padding; a long text is cut before its end token.

        Raises:
            InputError: A text that spells out padding, which no token would see.
        """
        rows = self._tokenize(texts, truncation=True, max_length=self.text_length)
        for text, ids in zip(texts, rows, strict=True):
            if self.tokenizer.pad_token_id in ids:
                raise InputError(f"prompt {text!r}: holds {self.tokenizer.pad_token}")
        return rows

    def pooled(self, ids: Sequence[int]) -> int:
        """The first token; -1 under the mean, which reads all."""
        return NOWHERE if self.takes_mean else FIRST

    def stacked(self, tokens: Sequence[Sequence[int]]) -> Int[torch.Tensor, "text token"]:
        """Rows of ``token_rows`` as one tensor, padded to the longest of them alone."""
        longest, padding = max(map(len, tokens)), self.tokenizer.pad_token_id
        padded = [[*ids, *[padding] * (longest - len(ids))] for ids in tokens]
        return torch.tensor(padded, device=self.device)

    def text_features(
        self, ids: Int[torch.Tensor, "text token"]
    ) -> Float[torch.Tensor, "text dim"]:
        """What the text side puts out of ``stacked`` ids, before it is made unit."""
        seen = ids != self.tokenizer.pad_token_id
        mask = seen.long()
        if not self.takes_mean:
            found = self.model.get_text_features(input_ids=ids, attention_mask=mask)
            return found.pooler_output
        states = self.model.text_model(input_ids=ids, attention_mask=mask)
        return self.text_projection(mean_of(states.last_hidden_state, seen))

    def text_layers(self) -> list[TextLayer]:
        """The layers of the text tower, the first one first."""
        return bert_layers(self.model.text_model)


class BertDualTower(BertTower):
    """The text tower of such a checkpoint, to be taken apart."""

    def __init__(self, encoder: BertDualEncoder) -> None:
        self.encoder = encoder
        self.name = encoder.checkpoint.name
        self.take_apart(encoder.model.text_model)
        self.blank = encoder.tokenizer.mask_token_id  # BERT never looked at its padding

    @property
    def outer(self) -> list[nn.Module]:
        """The embeddings, and what stands behind the last layer."""
        projection = self.encoder.text_projection
        if self.encoder.takes_mean:
            return [self.model.embeddings, projection]
        return [self.model.embeddings, self.model.pooler, projection]

    @property
    def special(self) -> list[int]:
        """The ids of start, end and padding."""
        return special_ids(self.encoder.tokenizer)

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Texts as tokens, padded no further than exact."""
        rows = self.encoder.token_rows(texts)
        lengths = torch.tensor([len(row) for row in rows], device=self.device)
        read = torch.tensor([self.encoder.pooled(row) for row in rows], device=self.device)
        return Tokens(self.encoder.stacked(rows), lengths, read)

    def token_table(self, text: str) -> TokenTable:
        """The tokens of one text as the model reads them."""
        return self.encoder.token_table(text)

    def end(self, states: States, tokens: Tokens) -> Float[torch.Tensor, "*batch dim"]:
        """A unit row a text, from the states after the last layer."""
        if self.encoder.takes_mean:
            pooled = mean_of(states, seen_tokens(tokens))
        else:
            pooler = self.model.pooler
            pooled = pooler.activation(pooler.dense(at_read(states, tokens)))
        # In single precision, as half would round a unit row's length.
        return normalize(self.encoder.text_projection(pooled).float(), dim=-1)


def _refuse_other_towers(checkpoint: Checkpoint) -> None:
    path = checkpoint.folder / CONFIG
    values = read_json(path)
    for name, allowed in TOWERS.items():
        kind = (values.get(name) or {}).get("model_type")
        if kind not in allowed:
            raise InputError(
                f"{path}: {name} has model_type {kind!r}; allowed: {', '.join(allowed)}"
            )
    refuse_other_bert(values["text_config"], path)
