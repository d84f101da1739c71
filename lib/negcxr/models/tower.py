"""A text tower taken apart: tokens, states before and after each layer, unit rows.

Whoever looks inside a model stops between two layers, changes a state and lets the rest
run; so a tower is run here step by step. What lies below a change is computed once and
its states are used again, which is exact.

Nothing here is without gradients by itself: a caller that needs none says so, by
``torch.inference_mode``.

Limits: the steps are the model's own modules, but not its own loop over them, so a test
holds both to the same rows. A tower that is not a stack of layers does not fit in.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import nn

from negcxr.models.anatomy import TextLayer, TokenTable
from negcxr.shapes import checked

States = Float[torch.Tensor, "*batch token width"]
SPECIAL, WORD, READ = 0, 1, 2  # roles of a token; READ becomes the row


class Tokens(NamedTuple):
    """A batch of texts as a tower reads them.

    Attributes:
        ids: Tokens, padded on the right to the longest text of the batch.
        lengths: Tokens of each text without that padding.
        read: The place of the token whose last state becomes the row; for a tower that
            takes the mean over tokens, -1.
    """

    ids: Int[torch.Tensor, "text token"]
    lengths: Int[torch.Tensor, " text"]
    read: Int[torch.Tensor, " text"]

    def repeated(self, times: int) -> "Tokens":
        """The whole batch several times over, one after the other."""
        return Tokens(
            self.ids.repeat(times, 1), self.lengths.repeat(times), self.read.repeat(times)
        )


class TextTower(ABC):
    """The text side of a model, step by step.

    Attributes:
        name: The checkpoint's name.
        layers: From the first to the last.
        embedding: The table that turns ids into vectors, for those who attribute to it.
        width: The length of a token's state.
        blank: The id that stands for "no word here"; special tokens stay as they are.
        device: Where it computes.
    """

    name: str
    layers: list[TextLayer]
    embedding: nn.Embedding
    width: int
    blank: int
    device: torch.device

    @abstractmethod
    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Texts as tokens, padded no further than the longest of them needs.

        Raises:
            InputError: A text that the model cannot read.
        """

    @abstractmethod
    def token_table(self, text: str) -> TokenTable:
        """The tokens of one text as the model reads them."""

    @abstractmethod
    def begin(self, tokens: Tokens) -> States:
        """The states that the first layer gets."""

    @abstractmethod
    def step(self, number: int, states: States, tokens: Tokens) -> States:
        """The states after one layer, from those before it."""

    @abstractmethod
    def end(self, states: States, tokens: Tokens) -> Float[torch.Tensor, "*batch dim"]:
        """A unit row a text, from the states after the last layer."""

    def run(
        self, states: States, tokens: Tokens, first: int = 0, stop: int | None = None
    ) -> States:
        """The states after layer ``stop - 1``, from those before layer ``first``."""
        for number in range(first, len(self.layers) if stop is None else stop):
            states = self.step(number, states, tokens)
        return states

    def states(self, tokens: Tokens) -> list[States]:
        """The states before each layer, and last those after all of them."""
        found = [self.begin(tokens)]
        for number in range(len(self.layers)):
            found.append(self.step(number, found[-1], tokens))
        return found

    def rows(self, tokens: Tokens) -> Float[torch.Tensor, "text dim"]:
        """A unit row a text."""
        return self.end(self.run(self.begin(tokens), tokens), tokens)

    def roles(self, tokens: Tokens) -> Int[torch.Tensor, "text token"]:
        """What each token is: ``READ``, else ``WORD`` or ``SPECIAL`` (also padding)."""
        special = torch.tensor(self.special, device=self.device)
        roles = torch.where(torch.isin(tokens.ids, special), SPECIAL, WORD)
        places = torch.arange(tokens.ids.shape[1], device=self.device)
        roles[places >= tokens.lengths[:, None]] = SPECIAL
        roles[places == tokens.read[:, None]] = READ
        return roles

    @property
    @abstractmethod
    def outer(self) -> list[nn.Module]:
        """What holds weights beside the layers: before the first, and behind the last."""

    @property
    @abstractmethod
    def special(self) -> list[int]:
        """The ids of start, end and padding."""

    @checked
    def encode_texts(
        self, texts: Sequence[str], at_once: int = 64
    ) -> Float[np.ndarray, "text dim"]:
        """A unit row a text, in the order given."""
        parts, places = [], []
        with torch.inference_mode():
            for some, tokens in self.batches(texts, at_once):
                parts.append(self.rows(tokens).float().cpu().numpy())
                places += some
        return np.concatenate(parts)[np.argsort(places)]

    def batches(
        self, texts: Sequence[str], at_once: int
    ) -> Iterator[tuple[list[int], Tokens]]:
        """Texts of like length together, so that little is padded: places and tokens."""
        lengths = self.tokens(texts).lengths.cpu().numpy()
        order = np.argsort(lengths, kind="stable").tolist()
        for start in range(0, len(order), at_once):
            some = order[start : start + at_once]
            yield some, self.tokens([texts[place] for place in some])


@checked
def at_read(states: States, tokens: Tokens) -> Float[torch.Tensor, "*batch width"]:
    """The states of the tokens that are read."""
    places = torch.arange(len(tokens.read), device=states.device)
    return states[..., places, tokens.read, :]
