"""What a run on a checkpoint costs in time and memory, estimated from its sizes.

A tower of L layers of width w has about 12 L w^2 weights, and reads n tokens by
2 (12 L w^2) n + 4 L w n^2 operations: two a weight and token, and those of attention. A run
embeds so many images and so many texts once; that, divided by what a device does in a
second, is its time. Memory is the weights, four bytes each on a laptop and two on a GPU,
and twelve rows of states for each token of a batch.

Limits: an estimate, not a measurement. The speeds are round numbers that a common device
sustains, and may be off by a factor of three; reading files, resampling and charts are
not counted, and neither are looks inside, of which the sweep over heads costs most.
"""

from typing import NamedTuple

IMAGES, TEXTS = 1000, 5000  # of a run of ordinary size
LAPTOP, GPU = 100e9, 20e12  # operations a second: single precision, half precision
BATCH = 8  # images that are embedded together on a processor
GPU_BATCH = 32
STATES = 12  # rows of states alive in a layer: in, norm, three of attention, four of MLP


class Tower(NamedTuple):
    """One tower of a dual encoder.

    Attributes:
        layers: How many there are.
        width: The length of a token's state.
        tokens: What it reads of one image or text.
        table: Weights beside the layers, those of the vocabulary above all.
    """

    layers: int
    width: int
    tokens: int
    table: int = 0

    @property
    def weights(self) -> int:
        """About how many weights it has."""
        return 12 * self.layers * self.width**2 + self.table

    @property
    def operations(self) -> int:
        """Of reading one image or text."""
        own = 24 * self.layers * self.width**2 * self.tokens
        return own + 4 * self.layers * self.width * self.tokens**2

    @property
    def states(self) -> int:
        """Numbers that are alive while one image or text is read."""
        return STATES * self.width * self.tokens


class Cost(NamedTuple):
    """What a run takes, estimated: seconds, and bytes of memory at the most.

    Attributes:
        laptop_seconds: On a laptop's processor, in single precision.
        laptop_bytes: Of main memory.
        gpu_seconds: On one GPU, in half precision.
        gpu_bytes: Of the GPU's memory.
    """

    laptop_seconds: float
    laptop_bytes: int
    gpu_seconds: float
    gpu_bytes: int

    def __str__(self) -> str:
        """The four numbers in words, rounded as an estimate deserves."""
        laptop, gpu = (in_words(s) for s in (self.laptop_seconds, self.gpu_seconds))
        here, there = (size_in_words(b) for b in (self.laptop_bytes, self.gpu_bytes))
        return f"about {laptop} and {here} on a laptop, {gpu} and {there} on one GPU"


def estimate(image: Tower, text: Tower) -> Cost:
    """What it costs to embed ``IMAGES`` images and ``TEXTS`` texts once."""
    operations = IMAGES * image.operations + TEXTS * text.operations
    weights, states = image.weights + text.weights, max(image.states, text.states)
    return Cost(
        operations / LAPTOP,
        4 * (weights + BATCH * states),
        operations / GPU,
        2 * (weights + GPU_BATCH * states),
    )


def in_words(seconds: float) -> str:
    """A time, rounded to a unit that suits it."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def size_in_words(n: float) -> str:
    """Bytes, rounded to a unit that suits them."""
    return f"{n / 1e9:.1f} GB" if n >= 1e8 else f"{n / 1e6:.0f} MB"
