"""The numbers that the chapter on reporting bias says in its sentences.

Idea: of a course from the lowest rate to the highest, both ends and their difference on
the same phantoms; of cues, those that reports used beside those they never did.

Limits: an end of the course is a level, and says nothing of what lies between; the table
does.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from negcxr.chapters.queries import as_estimate
from negcxr.chapters.reporting_bias import ALL, Level, cues_of
from negcxr.chapters.reporting_bias_measures import INNER, OUTER
from negcxr.chapters.reporting_bias_tables import (
    HEARD,
    Trainings,
    draws_of,
    grouped,
    levels_in,
)
from negcxr.finetune.corpus import BATCHES
from negcxr.measure.intervals import summarise
from negcxr.results import Estimate

ONE_SEED = "not evaluable: one seed, so nothing is known of another"
NOT_HEARD = "not evaluable: at no rate is denial heard"
NO_LEVEL = "not evaluable: no level of this kind was trained"
SeedDraws = Float[np.ndarray, "seed draw"]


def course(found: Trainings, objective: str) -> list[Level]:
    """The levels of one objective by all cues, from the lowest rate to the highest."""
    chosen = [o for o in levels_in(found) if (o.objective, o.cues) == (objective, ALL)]
    return sorted(chosen, key=lambda level: level.rate)


def first_objective(found: Trainings) -> str:
    """The objective that was asked for first."""
    return levels_in(found)[0].objective


def dose_numbers(found: Trainings, n: int) -> dict[str, Estimate]:
    """The first objective's course from the lowest rate to the highest.

    Args:
        n: Phantoms that were measured.

    Returns:
        By measure its value at both ends, ``_lowest`` and ``_highest``; of measures of
        phantoms also ``_change``, the second less the first on the same phantoms.
    """
    levels = course(found, first_objective(found))
    ends = {"lowest": levels[0], "highest": levels[-1]}
    each, numbers = dict(grouped(found)), {}
    for name, chance in OUTER.items():
        draws = {end: draws_of(found, level, name) for end, level in ends.items()}
        for end, rows in draws.items():
            numbers[f"{_key(name)}_{end}"] = _number(rows, n, chance)
        change = draws["highest"].mean(axis=0) - draws["lowest"].mean(axis=0)
        numbers[f"{_key(name)}_change"] = as_estimate(change, n=n)
    for name in INNER:
        for end, level in ends.items():
            values = [one.inner[name] for one in each[level]]
            numbers[f"{_key(name)}_{end}"] = _plain(values)
    return numbers


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")


def _number(draws: SeedDraws, n: int, chance: float) -> Estimate:
    found = as_estimate(draws.mean(axis=0), n=n, chance=chance)
    return found.model_copy(update={"note": _join(found.note, _seeds(draws[:, 0]))})


def _plain(values: Sequence[float]) -> Estimate:
    value, told = float(np.mean(values)), _seeds(np.array(values))
    missing = "" if np.isfinite(value) else "not evaluable: no text is told from another"
    return Estimate(value=value, n=len(values), note=_join(missing, told))


def _seeds(each: Float[np.ndarray, " seed"]) -> str:
    if len(each) < 2:
        return ""
    return f"{len(each)} seeds: {each.min():.3f} to {each.max():.3f}"


def _join(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def hearing_numbers(found: Trainings, n: int) -> dict[str, Estimate]:
    """From which rate on denial is heard, by objective, and how far seeds lie apart.

    Returns:
        ``heard_from`` with each objective's name: the lowest rate, in percent, from which
        on every rate has a denied AUROC above chance with its whole interval.
        ``seed_spread``: the greatest difference of two seeds in denied AUROC at one level.
    """
    numbers = {f"heard_from_{name}": _heard_from(found, name, n) for name in BATCHES}
    return numbers | {"seed_spread": _spread(found, n)}


def _heard_from(found: Trainings, objective: str, n: int) -> Estimate:
    levels, rate = course(found, objective), None
    for level in reversed(levels):
        draws = draws_of(found, level, "denied AUROC").mean(axis=0)
        if not summarise(draws).low > HEARD:
            break
        rate = level.rate
    note = NO_LEVEL if not levels else NOT_HEARD if rate is None else ""
    return Estimate(value=rate, n=n, note=note)


def _spread(found: Trainings, n: int) -> Estimate:
    each = [draws_of(found, level, "denied AUROC")[:, 0] for level in levels_in(found)]
    widths = [float(np.ptp(values)) for values in each if len(values) > 1]
    note = "" if widths else ONE_SEED
    return Estimate(value=max(widths, default=None), n=n, note=note)


def objective_numbers(found: Trainings, n: int) -> dict[str, Estimate]:
    """Affirmed and denied AUROC at the highest rate, by objective."""
    numbers = {}
    for objective in BATCHES:
        levels = course(found, objective)
        for name in ("affirmed AUROC", "denied AUROC"):
            key = f"{objective}_{_key(name)}"
            numbers[key] = (
                _number(draws_of(found, levels[-1], name), n, HEARD)
                if levels
                else Estimate(value=None, n=n, note=NO_LEVEL)
            )
    return numbers


def cue_numbers(found: Trainings, n: int) -> dict[str, Estimate]:
    """Denied AUROC by cues that reports used and by others, of levels with some cues alone.

    Returns:
        ``trained_cues``, ``other_cues`` and their difference, ``cue_difference``. Another
        cue holds none of those that were used: "no sign of" is none where "no" was.
    """
    some = [(level, each) for level, each in grouped(found) if level.cues != ALL]
    draws = [_by_use(level, one.cues) for level, each in some for one in each]
    told = [pair for pair in draws if all(part is not None for part in pair)]
    if not told:
        nothing = Estimate(value=None, n=n, note=NO_LEVEL)
        return dict.fromkeys(("trained_cues", "other_cues", "cue_difference"), nothing)
    used, other = (np.mean([pair[k] for pair in told], axis=0) for k in (0, 1))
    return {
        "trained_cues": as_estimate(used, n=n, chance=HEARD),
        "other_cues": as_estimate(other, n=n, chance=HEARD),
        "cue_difference": as_estimate(used - other, n=n),
    }


def _by_use(
    level: Level, asked: Mapping[str, Float[np.ndarray, " draw"]]
) -> tuple[Float[np.ndarray, " draw"] | None, ...]:
    """Mean draws over the cues that a level's reports used, and over all others."""
    known = cues_of(level.cues)
    used = [draws for cue, draws in asked.items() if cue in known]
    other = [draws for cue, draws in asked.items() if not _holds(cue, known)]
    return tuple(np.mean(rows, axis=0) if rows else None for rows in (used, other))


def _holds(cue: str, known: Sequence[str]) -> bool:
    return any(f" {one} " in f" {cue} " for one in known)
