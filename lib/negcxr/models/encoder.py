"""The one form in which the study sees a model: images and sentences as unit rows.

Both towers of a CLIP-like model end in one space, where the cosine of two rows says how
well an image and a sentence fit. All that differs between families (padding, pooling,
bias) stays behind this interface; depth, heads and sizes come from the config.

Limits: a row does not say how sure the model is; and only models that embed images and
texts apart fit in, none that looks at both together.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from PIL.Image import Image, new

from negcxr.errors import InputError
from negcxr.models import anatomy
from negcxr.models.checkpoint import Checkpoint
from negcxr.models.loading import Kinds, load_parts, processor_key
from negcxr.models.rows import require_unit_rows, unit_rows
from negcxr.shapes import checked

TEXTS_AT_ONCE, IMAGES_AT_ONCE = 64, 32
# The states of so few fit a processor's cache: a ViT-B/16 is a seventh faster than by 32.
ON_CPU_AT_ONCE = 8


class DualEncoder(ABC):
    """A model of one family, with its tokenizer and its image processor.

    Attributes:
        checkpoint: What was loaded.
        model: The model itself, for those who look inside it.
        tokenizer: The model's own tokenizer.
        device: Where the model computes.
        dtype: The precision it computes in; rows are single precision always.
        text_length: How many tokens of a text the model reads.
    """

    kinds: ClassVar[Kinds]
    causal: ClassVar[bool]  # whether a token of a text sees only those before it

    def __init__(
        self, checkpoint: Checkpoint, *, device: str = "cpu", dtype: str = "float32"
    ) -> None:
        """Load a checkpoint of this family.

        Raises:
            InputError: Something in the checkpoint is missing or not allowed, its image
                processor does not fit its model, or it cannot be had on ``device`` or in
                ``dtype``.
        """
        parts = load_parts(checkpoint, self.kinds, device=device, dtype=dtype)
        self.checkpoint = checkpoint
        self.model, self.tokenizer, self._images = parts
        self.device = self.model.device
        self.dtype = dtype
        positions = self.model.config.text_config.max_position_embeddings
        self.text_length = min(positions, self.tokenizer.model_max_length)
        self._refuse_wrong_size()

    @property
    @abstractmethod
    def dim(self) -> int:
        """The length of a row."""

    @property
    @abstractmethod
    def bias(self) -> float:
        """What the model adds to a scaled cosine."""

    @property
    @abstractmethod
    def text_projection(self) -> torch.nn.Linear:
        """The way from the text tower's last state into the common space."""

    @abstractmethod
    def token_rows(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text as the text tower gets them, cut to ``text_length``.

        Raises:
            InputError: A text that the model cannot pool.
        """

    @abstractmethod
    def pooled(self, ids: Sequence[int]) -> int:
        """The place of the token whose last state becomes the row."""

    @property
    def scale(self) -> float:
        """What the model multiplies a cosine by."""
        return self.model.logit_scale.exp().item()

    @property
    def processor_key(self) -> str:
        """A hash of all that turns an image into pixels: class, settings, versions."""
        return processor_key(self._images)

    @checked
    def encode_texts(self, texts: Sequence[str]) -> Float[np.ndarray, "text dim"]:
        """A unit row a text, in the order given; equal texts are encoded once.

        Raises:
            InputError: A text that the model cannot pool, or one string for a list.
        """
        if isinstance(texts, str):
            raise InputError(f"texts is the string {texts!r}; allowed: a list of strings")
        distinct = list(dict.fromkeys(texts))
        tokens = self.token_rows(distinct)
        rows = np.empty((len(distinct), self.dim), np.float32)
        order = np.argsort([len(ids) for ids in tokens], kind="stable")  # little padding
        for start in range(0, len(distinct), TEXTS_AT_ONCE):
            batch = order[start : start + TEXTS_AT_ONCE]
            rows[batch] = self._encode_tokens([tokens[i] for i in batch])
        place = {text: i for i, text in enumerate(distinct)}
        return rows[[place[text] for text in texts]]

    @checked
    def encode_images(self, images: Sequence[Image]) -> Float[np.ndarray, "image dim"]:
        """A unit row an image, in the order given."""
        rows = np.empty((len(images), self.dim), np.float32)
        for start in range(0, len(images), IMAGES_AT_ONCE):
            batch = slice(start, start + IMAGES_AT_ONCE)
            rows[batch] = self.encode_pixels(self.preprocess(images[batch]))
        return rows

    @checked
    def preprocess(
        self, images: Sequence[Image]
    ) -> Float[torch.Tensor, "image 3 height width"]:
        """Pixels as the image tower gets them; grey becomes three equal channels."""
        coloured = [image.convert("RGB") for image in images]
        return self._images(images=coloured, return_tensors="pt")["pixel_values"]

    @checked
    def encode_pixels(
        self, pixels: Float[torch.Tensor, "image 3 height width"]
    ) -> Float[np.ndarray, "image dim"]:
        """A unit row an image that ``preprocess`` has prepared."""
        at_once = ON_CPU_AT_ONCE if self.device.type == "cpu" else IMAGES_AT_ONCE
        rows = np.empty((len(pixels), self.dim), np.float32)
        for start in range(0, len(pixels), at_once):
            batch = slice(start, start + at_once)
            few = pixels[batch].to(self.device, self.model.dtype)
            with torch.inference_mode():
                rows[batch] = unit_rows(self.model.get_image_features(pixel_values=few))
        return rows

    @checked
    def score(
        self, images: Float[np.ndarray, "image dim"], texts: Float[np.ndarray, "text dim"]
    ) -> Float[np.ndarray, "image text"]:
        """The model's own score of each pair: its scale times the cosine, plus its bias.

        Higher fits better. Zero is where a SigLIP is undecided; to a CLIP, which adds no
        bias, only differences mean something.

        Raises:
            InputError: A row is not of unit length.
        """
        require_unit_rows(images=images, texts=texts)
        return self.scale * (images @ texts.T) + self.bias

    def text_features(
        self, ids: Int[torch.Tensor, "text token"]
    ) -> Float[torch.Tensor, "text dim"]:
        """What the text side puts out of ``stacked`` ids, before it is made unit."""
        return self.model.get_text_features(input_ids=ids).pooler_output

    def stacked(self, tokens: Sequence[Sequence[int]]) -> Int[torch.Tensor, "text token"]:
        """Rows of ``token_rows`` as one tensor, padded to the longest of them alone.

        Exact in each family: where padding would count, all rows are of one length.
        """
        longest = max(len(ids) for ids in tokens)
        padded = [[*ids, *[ids[-1]] * (longest - len(ids))] for ids in tokens]
        return torch.tensor(padded, device=self.device)

    def truncated(self, texts: Sequence[str]) -> Bool[np.ndarray, " text"]:
        """Which texts are longer than the model reads, so that their end is lost."""
        lengths = [len(ids) for ids in self._tokenize(texts)]
        return np.array(lengths, dtype=int) > self.text_length

    def token_table(self, text: str) -> anatomy.TokenTable:
        """The tokens of one text as the model reads them."""
        (ids,) = self.token_rows([text])
        return anatomy.token_table(self.tokenizer, ids, pooled=self.pooled(ids))

    def text_layers(self) -> list[anatomy.TextLayer]:
        """The layers of the text tower, the first one first."""
        return anatomy.text_layers(self.model)

    def _tokenize(self, texts: Sequence[str], **settings: object) -> list[list[int]]:
        if not texts:
            return []  # a tokenizer's own answer is an error
        return self.tokenizer(list(texts), verbose=False, **settings)["input_ids"]

    def _encode_tokens(self, tokens: list[list[int]]) -> Float[np.ndarray, "text dim"]:
        with torch.inference_mode():
            return unit_rows(self.text_features(self.stacked(tokens)))

    def _refuse_wrong_size(self) -> None:
        size = self.model.config.vision_config.image_size
        height, width = self.preprocess([new("L", (2 * size, size + 1))]).shape[2:]
        if (height, width) != (size, size):
            raise InputError(
                f"{self.checkpoint.folder}: its image processor makes {height} x {width} "
                f"pixels of an image of other proportions; its model takes {size} x {size}"
            )
