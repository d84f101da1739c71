"""Phantoms: rendered frontal chest radiographs whose truth is known.

A phantom is decided by three numbers alone: the world's seed, its split and its index.
From them come independent random streams for the truth, the chest and each finding, so
that a batch, a worker count or one finding more changes nothing else in the picture.
The same chest can so be rendered with and without a finding, which no archive offers.

What a phantom is not: a film. It carries no pathology beyond eight findings, no age, no
sex, no wear of a real archive. Pixels may differ by one grey level between processors.
"""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from PIL import Image
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from negcxr.data.anatomy import Pen, chest, draw_shape, lay_out
from negcxr.data.dataset import Dataset, Request
from negcxr.data.pathology import OVERLAYS, texture
from negcxr.data.pieces import write_in_pieces
from negcxr.data.reporting import CLINICAL, WrittenReports
from negcxr.data.truth import FINDINGS, Sign, Truth, World, draw_truths
from negcxr.errors import InputError
from negcxr.paths import cache

SIZE = 112  # pixels a side: 7 x 7 patches of 16
SPLITS = {"train": 0, "val": 1, "test": 2}
DEFAULT_IMAGES = 2000  # of a split, where the request leaves the number open
DRAWING = 1  # raise it when the renderer changes, so that no old cache is read
REPORT = 1000  # a part of its own, beyond those of all findings
BLOCK = 250  # phantoms a task: about a second of work
PIECE = 20000  # phantoms a file while a larger set is rendered: minutes of work at most
TERMS = "Phantoms rendered by this study; CC BY 4.0"


def streams(seed: int, split: str, index: int, part: int) -> np.random.Generator:
    """The random stream of one part (0 truth, 1 chest, 2+ a finding, REPORT) of one."""
    return np.random.default_rng([seed, SPLITS[split], index, part])


def truths(seed: int, split: str, indices: Sequence[int], world: World) -> list[Truth]:
    """What is so of each phantom."""
    return draw_truths(world, [streams(seed, split, i, 0) for i in indices])


def render(
    truth: Truth, seed: int, split: str, index: int, *, size: int = SIZE
) -> np.ndarray:
    """The picture of a truth in the chest of one phantom: uint8, ``size`` x ``size``.

    Rendering another truth at the same seed, split and index keeps the chest, the
    exposure and every shared finding as they are.
    """
    rng = streams(seed, split, index, 1)
    shape = draw_shape(truth, rng)
    fields = lay_out(shape, size, rng)
    total = chest(fields, truth.view)
    for part, (finding, overlay) in enumerate(OVERLAYS.items(), start=2):
        if finding in truth.signs:
            total += overlay(
                fields, truth.signs[finding], streams(seed, split, index, part)
            )
    return _expose(total, truth.view, rng)


def _expose(total: np.ndarray, view: str, rng: np.random.Generator) -> np.ndarray:
    """Beam, film and marker: attenuation to grey levels."""
    size = len(total)
    gain, floor = rng.uniform(1.15, 1.45), rng.uniform(0.0, 0.06)
    if view == "AP":
        gain *= 0.88  # a portable tube: less reach, flatter contrast
    total = total + 0.02 * texture(size, 12, rng)
    grey = floor + (0.97 - floor) * (1 - np.exp(-gain * np.maximum(total, 0)))
    pen = Pen(size)
    letter, u = ("L", 0.74) if rng.random() < 0.7 else ("R", -0.86)
    pen.text(letter, (u, -0.90), 0.11)
    if view == "AP":
        pen.text("AP", (u - 0.05, -0.72), 0.085)
    grey = np.maximum(grey, 0.95 * pen.field())
    noise = rng.uniform(0.010, 0.022) * rng.standard_normal(grey.shape, dtype=np.float32)
    return np.round(255 * np.clip(grey + noise, 0, 1)).astype(np.uint8)


@dataclass(frozen=True)
class Recipe:
    """All that decides the pixels of a set of phantoms."""

    split: str
    n: int
    seed: int = 0
    size: int = SIZE
    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise InputError(f"phantoms: no split {self.split!r}; choose of {list(SPLITS)}")
        if self.n < 1 or self.size < 64:
            raise InputError(f"phantoms: {self.n} of {self.size} px; at least 1 of 64 px")
        if self.seed < 0:
            raise InputError(f"phantoms: seed {self.seed}; allowed: 0 or above")

    def truths(self) -> list[Truth]:
        """What is so of each phantom, made again in a moment from the seed."""
        return truths(self.seed, self.split, range(self.n), self.world)

    def pixels(self) -> UInt8[np.ndarray, "image size size"]:
        """The pictures, memory-mapped; rendered once, by all cores, with progress shown."""
        path = cache() / "phantoms" / f"{self.fingerprint()}.npy"
        if not path.exists():
            shape = (self.n, self.size, self.size)
            write_in_pieces(path, shape, partial(_fill, recipe=self), piece=PIECE)
        return np.load(path, mmap_mode="r")

    def fingerprint(self) -> str:
        """A hash of everything that decides the pixels."""
        text = repr((DRAWING, sorted(asdict(self).items(), key=str)))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def _fill(out: np.ndarray, indices: range, recipe: Recipe) -> None:
    starts = range(indices.start, indices.stop, BLOCK)
    blocks = [range(start, min(indices.stop, start + BLOCK)) for start in starts]
    bar = tqdm(total=len(indices), desc="phantoms", unit="image", mininterval=1)
    # Spawned, since a fork of a process that runs torch's threads can hang.
    workers = min(os.cpu_count() or 1, len(blocks))
    with bar, ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        run = pool.map if workers > 1 else map
        rendered = run(partial(_block, recipe), blocks)
        for some, block in zip(blocks, rendered, strict=True):
            out[some.start - indices.start : some.stop - indices.start] = block
            bar.update(len(block))


def _block(recipe: Recipe, indices: range) -> np.ndarray:
    each = zip(
        truths(recipe.seed, recipe.split, indices, recipe.world), indices, strict=True
    )
    with threadpool_limits(1):  # a worker a core; more threads would fight over them
        return np.stack(
            [render(t, recipe.seed, recipe.split, i, size=recipe.size) for t, i in each]
        )


class ArrayImages:
    """Images that lie in one array."""

    def __init__(self, pixels: UInt8[np.ndarray, "image size size"]) -> None:
        self._pixels = pixels

    def open(self, row: int) -> Image.Image:
        """The image of this row, 8-bit grey."""
        return Image.fromarray(np.asarray(self._pixels[row]))

    def key(self, row: int) -> str:
        """A hash of this row's pixels."""
        return hashlib.sha256(self._pixels[row].tobytes()).hexdigest()


def read(request: Request) -> Dataset:
    """The phantoms of one split, each its own patient, with the full truth as labels.

    They have no folder; where one is named, it is to be their size, such as ``160px``.

    Raises:
        InputError: Something else is named, or a size below 64 pixels.
    """
    split = "test" if request.split == "all" else request.split
    size = _size(request.root.name if request.root else "")
    recipe = Recipe(split, request.n_images or DEFAULT_IMAGES, request.seed, size)
    known = recipe.truths()
    names = [f"phantom-{split}-{request.seed}-{i:06d}" for i in range(recipe.n)]
    table = pd.DataFrame({"image": names, "patient": names})
    table["view"] = [truth.view for truth in known]
    table["split"] = split
    return Dataset(
        name="phantoms",
        kind="phantoms",
        table=table.join(_details(known)),
        findings=FINDINGS,
        labels=np.array([[float(t.has(f)) for f in FINDINGS] for t in known]),
        policy="explicit",
        images=ArrayImages(recipe.pixels()),
        terms=TERMS,
        shows_images=True,
        sides=np.array([[t.signs.get(f, Sign()).side for f in FINDINGS] for t in known]),
        reports=_reports(known, recipe) if split == "train" else None,
    )


def _size(named: str) -> int:
    if not named:
        return SIZE
    digits = named.removesuffix("px")
    if digits == named or not digits.isdecimal():
        said = f"root {named!r} of phantoms, which have no folder"
        raise InputError(f"{said}; allowed: empty, or a size such as 160px")
    return int(digits)


def _reports(known: Sequence[Truth], recipe: Recipe) -> WrittenReports:
    """Reports that mention and deny as clinical ones do."""
    stream = partial(streams, recipe.seed, recipe.split, part=REPORT)
    return WrittenReports(known, CLINICAL, stream)


def _details(known: Sequence[Truth]) -> pd.DataFrame:
    """Side, zone, severity and kind of every finding, blank where it is absent."""
    columns = {}
    for finding in FINDINGS:
        signs = [truth.signs.get(finding, Sign()) for truth in known]
        for name in Sign._fields:
            columns[f"{name}:{finding}"] = [getattr(sign, name) for sign in signs]
    return pd.DataFrame(columns)
