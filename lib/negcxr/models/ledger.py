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
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from negcxr.errors import InputError
from negcxr.models.hub_lock import pins
from negcxr.models.lineage import Made, made_in
from negcxr.paths import at_root
from negcxr.reading import file_hash, first_fault, read_yaml

FILE = Path(__file__).with_name("contamination.yml")
MARK = "\N{DAGGER}"  # beside a number of images that the model may have been trained on
NAMELESS = "the ledger has no checkpoint of this name, and a renamed folder is not known"
State = Literal["seen", "not listed", "unknown"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Exposure(_Strict):
    """What is known of one checkpoint and one data set.

    Attributes:
        state: ``seen`` where a source names the data set among what the model was trained
            on, ``not listed`` where a source lists that and has it not, else ``unknown``.
        source: Where that stands.
        split: The one part that was seen, where the source tells; empty where any part
            may have been.
        note: What else is to be known.
    """

    state: State
    source: str = ""
    split: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.state != "unknown" and not self.source:
            raise ValueError(f"{self.state!r} has no source")
        if not (self.source or self.note):
            raise ValueError("neither a source nor a note")
        if self.split and self.state != "seen":
            raise ValueError(f"{self.state!r} of the split {self.split!r}")
        return self

    def taints(self, split: str) -> bool:
        """Whether images of a split may be among those that the model was trained on.

        Args:
            split: As a run names it; ``all``, or empty where it is not known.
        """
        held_out = self.split and split not in (self.split, "all", "")
        return self.state == "seen" and not held_out


class Group(_Strict):
    """Checkpoints of which the same is known, and a line for each data set."""

    ids: tuple[str, ...] = Field(min_length=1)
    lines: dict[str, Exposure]


class Ledger(_Strict):
    """The file; ``sources`` and ``lines`` are there to be named in ``checkpoints``."""

    data_sets: tuple[str, ...]
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
        dataset: A key of ``negcxr.data.registry.DATASETS``.
        root: The data set's folder, which tells one ``folder`` from another.
    """
    folder = at_root(checkpoint.partition("@")[0])
    made = made_in(folder)
    if made is not None:
        return _trained(made, dataset, Path(root).name)
    found = _line(checkpoint, dataset)
    hub = _pinned(folder) if found.note == NAMELESS else ""
    return _line(hub, dataset) if hub else found


def _pinned(folder: Path) -> str:
    """The name on the hub whose weights, as kept in the lock, a folder holds; or none."""
    if not folder.is_dir():
        return ""
    here = {file_hash(path) for path in folder.glob("*.safetensors")}
    same = (name for name, pin in pins().items() if {*pin.weights.values()} == here)
    return next(same, "")


def _line(checkpoint: str, dataset: str) -> Exposure:
    asked = checkpoint.partition("@")[0].rstrip("/")
    wanted = {asked, Path(asked).name}
    for group in ledger().checkpoints:
        for name in group.ids:
            if wanted & {name, name.rpartition("/")[2]} and dataset in group.lines:
                return group.lines[dataset]
    return Exposure(state="unknown", note=NAMELESS)


def _trained(made: Made, dataset: str, root: str) -> Exposure:
    """What was known of the base, and what training added."""
    before = _before(made, dataset, root)
    other = dataset == "folder" and root and root != made.root
    if dataset != made.dataset or other or (before.state == "seen" and not before.split):
        return before
    note = f"{before.note}; of its base: {before.state}" if made.base else before.note
    return Exposure(state="seen", split=made.split, source=made.source, note=note)


def _before(made: Made, dataset: str, root: str) -> Exposure:
    if made.before is not None:
        return _trained(made.before, dataset, root)
    if made.base:
        return _line(made.base, dataset)
    return Exposure(
        state="not listed", source=made.source, note="it began with random weights"
    )
