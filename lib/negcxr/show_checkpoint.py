"""Shows on a terminal what a look at a checkpoint found, and which ones are known."""

import textwrap
from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from negcxr.models.catalogue import Entry
from negcxr.models.check import Check, Part
from negcxr.models.check_numbers import ALLOWED, Side
from negcxr.models.check_text import Reading
from negcxr.models.cost import IMAGES, TEXTS, size_in_words

WIDE = 150  # columns of a table that no terminal shows; the longest name has 50
NARROW = 92
PIECES = 12  # shown of a long sentence, at each end
Rows = Iterable[tuple[str, str]]


def print_check(found: Check, *, dtype: str) -> None:
    """Print a look at a checkpoint, the verdict last."""
    console = _console(NARROW)
    sections = {
        f"{found.checkpoint.name} ({found.checkpoint.family})": _about(found),
        "What is known of it": _known(found),
        "What it reads of a denial": _heard(found),
        f"What it computes in {dtype}": _computed(found, dtype),
        "What works": ((work.chapter, _joined(work)) for work in found.works),
    }
    for heading, rows in sections.items():
        console.print(Text(heading, style="bold"))
        console.print(_pairs(rows))
    for fault in found.faults:
        console.print(Text(f"not usable: {fault}", style="red"), soft_wrap=True)
    if not found.faults:
        console.print(Text("usable", style="green"))


def print_entries(entries: Iterable[Entry], here: dict[str, str]) -> None:
    """Print the catalogue.

    Args:
        here: By id, where it is; an id that is not among them is not here.
    """
    table = Table(box=SIMPLE_HEAD, padding=(0, 1))
    for name in ("checkpoint", "family", "pixels", "tokens", "licence", "terms", "here"):
        table.add_column(name, no_wrap=name == "checkpoint")
    for entry in entries:
        table.add_row(
            *(Text(entry.id), entry.family, _number(entry.image_size)),
            *(_number(entry.text_length), Text(entry.licence)),
            "accept first" if entry.gated else "open",
            Text(here.get(entry.id, "no")),
        )
    console = _console(WIDE)
    console.print(table)
    console.print(
        "Sizes are expected; `negcxr checkpoint check` holds them against a config."
    )


def _console(width: int) -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=width)


def _pairs(rows: Rows) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(width=24)
    table.add_column()
    for name, said in rows:
        table.add_row(Text(f"  {name}"), Text(said))
    table.add_row("", "")
    return table


def _about(found: Check) -> Rows:
    sizes = found.sizes
    yield "fingerprint", found.checkpoint.fingerprint[:16]
    if found.checkpoint.revision:
        yield "revision", found.checkpoint.revision
    yield (
        "image tower",
        f"{_tower(sizes.image)}; {sizes.image_size} x {sizes.image_size} px",
    )
    yield "text tower", f"{_tower(sizes.text)}; {sizes.text_length} tokens"
    yield (
        "a row",
        f"{sizes.dim} numbers; score: {sizes.scale:.4g} x cosine {sizes.bias:+.4g}",
    )
    files = f"{size_in_words(sizes.bytes)} in {', '.join(sizes.precisions)}"
    yield "files", files
    yield "memory", f"{size_in_words(found.peak)} at the most in this check"
    yield "a run", f"{IMAGES} images, {TEXTS} texts: {found.cost} (estimated)"


def _tower(part: Part) -> str:
    weights = f"{part.parameters / 1e6:.1f} million weights"
    return f"{part.layers} layers x {part.heads} heads, width {part.width}, {weights}"


def _known(found: Check) -> Rows:
    entry = found.known.entry
    if entry is None:
        yield "catalogue", "no entry of this name, so licence and training data are unknown"
    else:
        yield "licence", entry.licence
        yield "trained on", ", ".join(entry.training_data)
        for caveat in entry.caveats:
            yield "caveat", caveat
        for line in found.known.differences or ["none"]:
            yield "differs from expected", line
    for state in ("seen", "not listed", "unknown"):
        told = found.known.exposures.items()
        if names := [name for name, exposure in told if exposure.state == state]:
            yield f"data sets {state}", ", ".join(names)


def _heard(found: Check) -> Rows:
    for cue, pieces in found.hearing.cues.items():
        yield f'"{cue}"', " ".join(pieces) if pieces else "lost: the model never gets it"
    for what in ("comma", "full_stop", "case"):
        name = what.replace("_", " ")
        yield name, "kept" if getattr(found.hearing, what) else "dropped"
    for reading in found.readings:
        yield _quoted(reading), _read(reading)


def _quoted(reading: Reading) -> str:
    return f'"{textwrap.shorten(reading.text, 20, placeholder="...")}"'


def _read(reading: Reading) -> str:
    pieces = reading.pieces
    some = (
        pieces
        if len(pieces) <= 2 * PIECES
        else (*pieces[:PIECES], "...", *pieces[-PIECES:])
    )
    said = f"{' '.join(some)} ({len(pieces)} tokens"
    said += f", {reading.unknown} unknown" if reading.unknown else ""
    return said + (f"; cut, it has {reading.length})" if reading.cut else ")")


def _computed(found: Check, dtype: str) -> Rows:
    numbers = found.numbers
    yield (
        "length before unit",
        f"texts {_range(numbers.texts)}, images {_range(numbers.images)}",
    )
    for name in ("twice", "batch"):
        what = {"twice": "the same twice", "batch": "alone and in a batch"}[name]
        texts, images = (getattr(side, name) for side in (numbers.texts, numbers.images))
        yield what, f"rows differ by {texts:.1g} (texts), {images:.1g} (images)"
    by_hand = numbers.why or f"rows differ by {numbers.by_hand:.1g}"
    yield "text tower by hand", by_hand
    yield "allowed", f"{ALLOWED[dtype]:g} of an element of a unit row"


def _range(side: Side) -> str:
    return f"{side.shortest:.3g} to {side.longest:.3g}"


def _joined(work: tuple[str, str, str]) -> str:
    _, state, why = work
    return f"{state}: {why}" if why else state


def _number(value: int | None) -> str:
    return "unknown" if value is None else str(value)
