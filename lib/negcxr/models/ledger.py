"""Has a checkpoint seen a data set? Said of every pair, with the source of what is said.

A number on images that a model was trained on says what it remembers, not what it can do.
The ledger in ``contamination.yml`` keeps what sources tell; a checkpoint that was trained
here has its record beside its weights (`negcxr.models.lineage`), which is followed.

Limits: "not listed" is no proof that a model never saw an image. A folder is known by the
record that training left in it, by its name, or by weights that the hub's lock keeps: one
that was renamed, of weights that never came from the hub, is unknown.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import Field, ValidationError, model_validator

from negcxr.data.about import FOLDER, called
from negcxr.errors import InputError
from negcxr.models.catalogue import without_revision
from negcxr.models.checkpoint import HUB
from negcxr.models.hub_lock import pins
from negcxr.models.ledger_line import Exposure, Strict
from negcxr.models.lineage import Made, made_in
from negcxr.paths import at_root
from negcxr.reading import file_hash, first_fault, read_yaml

FILE = Path(__file__).with_name("contamination.yml")
MARK = "\N{DAGGER}"  # beside a number of images that the model may have been trained on
NAMELESS = "the ledger has no checkpoint of this name, and a renamed folder is not known"


class Group(Strict):
    """Checkpoints of which the same is known, and a line for each data set."""

    ids: tuple[str, ...] = Field(min_length=1)
    lines: dict[str, Exposure]


class Ledger(Strict):
    """The file; ``sources`` and ``lines`` are there to be named in ``checkpoints``."""

    data_sets: tuple[str, ...]
    same_films: tuple[tuple[str, ...], ...]
    sources: dict[str, str]
    lines: dict[str, Exposure]
    checkpoints: tuple[Group, ...]

    @model_validator(mode="after")
    def _has_every_line_once(self) -> Self:
        known: set[str] = set()
        for group in self.checkpoints:
            if off := set(self.data_sets) ^ group.lines.keys():
                raise ValueError(f"{group.ids[0]}: a line too many or few: {sorted(off)}")
            if twice := known & set(group.ids):
                raise ValueError(f"{sorted(twice)[0]} stands there twice")
            known |= set(group.ids)
        return self


@cache
def ledger() -> Ledger:
    """The ledger of the package."""
    return read_ledger(FILE)


def read_ledger(path: Path) -> Ledger:
    """The ledger in a file.

    Raises:
        InputError: A line is missing, unknown or without a source; names it.
    """
    try:
        return Ledger.model_validate(read_yaml(path))
    except ValidationError as error:
        raise InputError(f"{path}: {first_fault(error)}") from None


def names() -> tuple[str, ...]:
    """Every checkpoint that has lines, as the ledger calls it."""
    return tuple(name for group in ledger().checkpoints for name in group.ids)


def exposure(checkpoint: str, dataset: str, root: str = "") -> Exposure:
    """What a checkpoint has seen of a data set.

    Args:
        checkpoint: A folder, or a hub's id with or without its revision.
        dataset: A key of ``negcxr.data.registry.DATASETS``, or another data set of the
            ledger.
        root: The data set's folder, which tells one ``folder`` from another; its owner
            may have written there which data set it holds.

    Raises:
        InputError: The record of a training, or what an owner wrote, cannot be used.
    """
    images = Images(dataset, Path(root).name, called(dataset, root))
    folder = at_root(without_revision(checkpoint))
    made = made_in(folder)
    if made is not None:
        return _trained(made, images)
    found = _line(checkpoint, images.called)
    hub = _pinned(folder) if found.note == NAMELESS else ""
    return _line(hub, images.called) if hub else found


class Images(NamedTuple):
    """What a checkpoint may have seen.

    Attributes:
        dataset: As a run names it.
        root: The last part of its folder; empty where that is not known.
        called: What the ledger calls it.
    """

    dataset: str
    root: str
    called: str


def _pinned(folder: Path) -> str:
    """The name on the hub whose weights, as kept in the lock, a folder holds; or none."""
    kept = pins()
    if not kept or not folder.is_dir():
        return ""  # and nothing is hashed, which takes long
    here = {file_hash(path) for path in folder.glob("*.safetensors")}
    same = (name for name, pin in kept.items() if {*pin.weights.values()} == here)
    return next(same, "")


def _line(checkpoint: str, dataset: str) -> Exposure:
    wanted = _called(without_revision(checkpoint).rstrip("/"))
    for group in ledger().checkpoints:
        for name in group.ids:
            if wanted & {name, name.rpartition("/")[2]} and dataset in group.lines:
                return group.lines[dataset]
    return Exposure(state="unknown", note=NAMELESS)


def _called(checkpoint: str) -> set[str]:
    """Names that a checkpoint goes by: of a folder also its last part.

    On the hub two owners may call different weights alike, so there only all of it counts.
    """
    folder = at_root(checkpoint)
    is_path = folder.is_dir() or folder.parent.is_dir()
    if HUB.fullmatch(checkpoint) and not is_path:
        return {checkpoint}
    return {checkpoint, Path(checkpoint).name}


def _trained(made: Made, images: Images) -> Exposure:
    """What was known of the base, and what training added."""
    before = _before(made, images)
    if not _among(images, made) or (before.state == "seen" and not before.split):
        return before
    base = f"its base: {before.state} ({before.note or before.source})"
    note = base if made.base else before.note
    return Exposure(state="seen", split=made.split, source=made.source, note=note)


def _among(images: Images, made: Made) -> bool:
    """Whether a training was on the data set of these images."""
    if FOLDER in (images.called, made.called):  # what it holds is known to its owner alone
        return images.dataset == made.dataset and images.root in ("", made.root)
    pair = {images.called, made.called}
    return len(pair) == 1 or any(pair <= {*films} for films in ledger().same_films)


def _before(made: Made, images: Images) -> Exposure:
    if made.before is not None:
        return _trained(made.before, images)
    if made.base:
        return _line(made.base, images.called)
    return Exposure(
        state="not listed", source=made.source, note="it began with random weights"
    )
