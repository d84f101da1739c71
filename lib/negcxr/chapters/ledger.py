"""What checkpoints have seen: said by sources, and, where it can be, measured.

Idea: the embedded checkpoints were trained on known phantoms, and a world makes others
without end. So the same measure is taken on phantoms that a checkpoint was trained on and
on as many that it never met, and what having seen them is worth can be read off. Beside
it, an observer who sees nothing but scores guesses which phantoms were trained on.

Limits: an image has no twin among those not seen, so the two sets are resampled apart,
not in pairs. What a small model forgets a large one may keep.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery, Sampling, open_gallery
from negcxr.chapters.membership import membership
from negcxr.chapters.queries import CHANCE, as_estimate, ask
from negcxr.chapters.training_record import Met, met_by
from negcxr.data.registry import load_dataset
from negcxr.measure.intervals import mean_over, summarise
from negcxr.models import load_encoder
from negcxr.models.catalogue import without_revision
from negcxr.models.ledger import exposure, ledger, names
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt

POLARITIES = ("affirmed", "denied")
MEMBERSHIP = "membership"
QUANTITIES = (
    *(f"{one} {side}" for one in POLARITIES for side in ("seen", "other", "difference")),
    MEMBERSHIP,
)
NO_RECORD = "not evaluable: no recipe beside the weights says what it was trained on"
NOTHING = np.array([np.nan])
Draws = Float[np.ndarray, " draw"]


def exposures(checkpoint: str, dataset: str, root: str = "") -> pd.DataFrame:
    """Every line of the ledger, after that of the checkpoint and data set of a run.

    Returns:
        checkpoint (the last part of its name), data set, state, split (empty where any
        may have been seen), source, note.
    """
    ours, sets = Path(without_revision(checkpoint)).name, ledger().data_sets
    rows = [_line(ours, checkpoint, name, root * (name == dataset)) for name in sets]
    known = [name for name in names() if name.rpartition("/")[2] != ours]
    rows += [_line(one.rpartition("/")[2], one, name) for one in known for name in sets]
    return pd.DataFrame(rows)


def in_words(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines of ``exposures``, those that say the same of several names in one.

    Returns:
        checkpoint and data set (names after commas; of checkpoints that share what stands
        before "__", that and how many), state, split, source, note.
    """
    said = ["state", "split", "source", "note"]
    told = lines.assign(note=lines["note"].where(lines["note"] != "", "none"))
    for one, other in (("data set", "checkpoint"), ("checkpoint", "data set")):
        same = told.groupby([other, *said], sort=False)[one]
        told = same.agg(", ".join).reset_index()
    told["checkpoint"] = told["checkpoint"].map(_by_series)
    return told[["checkpoint", "data set", *said]]


def _by_series(checkpoints: str) -> str:
    series = Counter(name.partition("__")[0] for name in checkpoints.split(", "))
    return ", ".join(f"{one}__* ({n})" if n > 1 else one for one, n in series.items())


def _line(shown: str, checkpoint: str, dataset: str, root: str = "") -> dict[str, str]:
    known = exposure(checkpoint, dataset, root).model_dump()
    return {"checkpoint": shown, "data set": dataset, **known}


def counted() -> dict[str, Estimate]:
    """How many pairs of the ledger's own checkpoints and data sets are in each state."""
    pairs = [(one, name) for one in names() for name in ledger().data_sets]
    found = [exposure(*pair).state for pair in pairs]
    return {
        f"pairs_{state.replace(' ', '_')}": Estimate(value=found.count(state), n=len(pairs))
        for state in ("seen", "not listed", "unknown")
    }


class Sides(NamedTuple):
    """One checkpoint on phantoms that it was trained on, and on others of their world.

    Attributes:
        met: How often it met those; None, without galleries, where no record says which.
    """

    name: str
    met: Met | None
    galleries: tuple[Gallery, ...]


def open_both(
    checkpoint: str, *, n: int, training_seed: int, seed: int, **how: str
) -> Sides:
    """The first ``n`` phantoms of the training split, and as many of the split test.

    Fewer where it was trained on fewer; none where no recipe beside the weights says so.

    Args:
        training_seed: Of the world that the checkpoint was trained on.
        seed: Of the phantoms that are held against them.
        how: Device and dtype.
    """
    met = met_by(checkpoint)
    if met is None:
        return Sides(Path(checkpoint.partition("@")[0]).name, None, ())
    encoder, n = load_encoder(checkpoint, **how), min(n, met.images)
    galleries = [
        open_gallery(encoder, load_dataset("phantoms", split=split, n_images=n, seed=drawn))
        for split, drawn in (("train", training_seed), ("test", seed))
    ]
    return Sides(encoder.checkpoint.name, met, tuple(galleries))


def worth(
    sides: Sequence[Sides], prompts: Sequence[Prompt], sampling: Sampling
) -> dict[str, dict[str, Draws]]:
    """Draws by checkpoint and quantity: of each polarity, and of the observer's guess.

    ``affirmed seen``, ``affirmed other`` and ``affirmed difference`` are mean AUROC over
    findings; ``membership`` is the observer's AUROC. Nothing where no record says what a
    checkpoint was trained on.
    """
    return {
        side.name: _worth(side, prompts, sampling) if side.galleries else {}
        for side in sides
    }


def _worth(side: Sides, prompts: Sequence[Prompt], sampling: Sampling) -> dict[str, Draws]:
    found = {}
    apart = sampling._replace(seed=sampling.seed + 1)  # the sets are resampled apart
    for polarity in POLARITIES:
        asked = [prompt for prompt in prompts if prompt.polarity == polarity]
        seen, other = (
            mean_over(ask(gallery, asked, ["polarity", "finding"], sampling=own).draws)
            for gallery, own in zip(side.galleries, (sampling, apart), strict=True)
        )
        found |= {f"{polarity} seen": seen, f"{polarity} other": other}
        found[f"{polarity} difference"] = seen - other
    return found | {MEMBERSHIP: membership(side.galleries, prompts, sampling)}


def worth_table(found: Mapping[str, Mapping[str, Draws]]) -> pd.DataFrame:
    """What was measured, a row a checkpoint and quantity, with intervals and chance."""
    rows = [
        {
            "checkpoint": checkpoint,
            "measure": name,
            **summarise(each.get(name, NOTHING))._asdict(),
            "chance": _chance(name),
        }
        for checkpoint, each in found.items()
        for name in QUANTITIES
    ]
    columns = ["checkpoint", "measure", "value", "low", "high", "chance"]
    return pd.DataFrame(rows, columns=columns)


def _chance(quantity: str) -> float:
    """What an uninformed score is worth; NaN for a difference, where it means nothing."""
    return np.nan if "difference" in quantity else CHANCE


def worth_numbers(sides: Sides, found: Mapping[str, Draws]) -> dict[str, Estimate]:
    """The quantities of one checkpoint as numbers, blanks in their names as underscores.

    Besides ``times_met``: how often it met each phantom that it was trained on.
    """
    if sides.met is None:
        nothing = Estimate(value=None, n=0, note=NO_RECORD)
        return dict.fromkeys([*map(_key, QUANTITIES), "times_met"], nothing)
    n = sum(len(gallery.rows) for gallery in sides.galleries)
    numbers = {
        _key(name): as_estimate(found[name], n=n, chance=_chance(name))
        for name in QUANTITIES
    }
    met = Estimate(value=sides.met.times, n=sides.met.images)
    return numbers | {"times_met": met}


def _key(quantity: str) -> str:
    return quantity.replace(" ", "_")
