"""What fine-tuning changed of where a cue's effect lies, in a few numbers a side.

Idea: a grid of effects is too much to compare. What is asked of it is how much the cue
moves, which way the denied text then lies, how late the effect reaches the token that is
read, and how much of it one head carries alone.

The largest head is measured on pairs about findings that did not choose it, as the largest
of many effects is large in part by luck, and most where effects are noisy.

Limits: of few findings, those that choose may choose badly; what is told is then the effect
of that choice, which lies below the largest head's. A choice is not drawn again.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.chapters.side_changes import name_of, side_changes
from negcxr.chapters.tracing import INWARD, NOT_EVALUABLE, OUTWARD, Direction, Traced
from negcxr.errors import InputError
from negcxr.figures.tables import with_interval
from negcxr.measure.effects import (
    chosen_elsewhere,
    crossing_draws,
    effect_draws,
    mean_draws,
)
from negcxr.measure.intervals import summarise
from negcxr.probe.alignment import PLACES
from negcxr.probe.tracing import SCOPES
from negcxr.results import Estimate

CUE, READ = PLACES.index("cue"), PLACES.index("read")
NOWHERE = "not evaluable: no effect, or no token that is read"
UNCHOSEN = f"{NOT_EVALUABLE}, or no second finding chooses a head"


def side_numbers(one: Traced, sampling: Sampling) -> dict[str, Draws]:
    """What is asked of a side's traces, each as draws.

    Returns:
        ``denial effect``, the answer to affirmed less that to denied sentences, and
        ``denied answer``, the latter alone, both in dot products with a contrast, in
        [-2, 2]; ``crossing layer``, how many layers pass before more of the effect is
        found where is read than at the cue; ``cue effect after layer 1``, what is left
        there; and ``largest head effect``, by a denied head put into the affirmed run,
        and ``largest need of a head``, by an affirmed one put into the denied run, both
        of pairs about a finding that did not choose the head.
    """
    inward = one.traces[INWARD]
    answers = np.stack([inward.into - inward.of, inward.of])
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    effect, denied = mean_draws(answers, one.findings, **how)
    states = one.draws("states", sampling)
    return {
        "denial effect": effect,
        "denied answer": denied,
        "crossing layer": crossing_draws(states[:, CUE], states[:, READ]),
        "cue effect after layer 1": states[1, CUE],
        "largest head effect": _largest(one, sampling, INWARD),
        "largest need of a head": _largest(one, sampling, OUTWARD),
    }


def answers(traced: Sequence[Traced], sampling: Sampling) -> pd.DataFrame:
    """The mean answer of each side to affirmed and to denied sentences.

    Returns:
        side, polarity, value with its ends in [-2, 2], pairs. Above zero the sentences lie
        nearer to images with the finding than to images without.
    """
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    rows = []
    for one in traced:
        both = np.stack([one.traces[INWARD].into, one.traces[INWARD].of])
        for polarity, draws in zip(
            ("affirmed", "denied"), mean_draws(both, one.findings, **how), strict=True
        ):
            known = {**summarise(draws)._asdict(), "pairs": len(one.pairs)}
            rows.append({"side": one.name, "polarity": polarity, **known})
    return pd.DataFrame(rows)


def _largest(one: Traced, sampling: Sampling, direction: Direction) -> Draws:
    found = one.traces[direction]
    moved = found.heads[:, SCOPES.index("all places")] - found.into
    whole, findings = found.of - found.into, one.findings
    held = chosen_elsewhere(moved.reshape(-1, len(findings)), whole, findings)
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    return effect_draws(held[None], whole, findings, **how)[0]


def trace_changes(traced: Sequence[Traced], sampling: Sampling) -> pd.DataFrame:
    """Those numbers of every side, and what became of each of the first one's, the base.

    Returns:
        measure, side, value with its ends, change against the base with its ends, p of
        the change and p_holm, corrected over all changes of the table.

    Raises:
        InputError: Sides were not traced on the same pairs.
    """
    _refuse_unlike(traced)
    return side_changes({one.name: side_numbers(one, sampling) for one in traced})


def _refuse_unlike(traced: Sequence[Traced]) -> None:
    for other in traced[1:]:
        if other.pairs != traced[0].pairs:
            raise InputError(
                f"{other.name} was traced on {len(other.pairs)} pairs and {traced[0].name} "
                f"on {len(traced[0].pairs)} others; allowed: the same pairs in one order"
            )


def trace_numbers(table: pd.DataFrame, pairs: int) -> dict[str, Estimate]:
    """The rows of `trace_changes` as numbers of a result.

    Args:
        pairs: That were traced.

    Returns:
        ``<measure>_<side>``, and ``<measure>_change_<side>`` of all but the first.
    """
    found = {}
    for row in table.to_dict("records"):
        stem, side = (name_of(row[name]) for name in ("measure", "side"))
        found[f"{stem}_{side}"] = _estimate(row, ("value", "low", "high"), pairs)
        if row["side"] != table["side"].iloc[0]:
            ends = ("change", "change_low", "change_high")
            found[f"{stem}_change_{side}"] = _estimate(row, ends, pairs)
    return found


def _estimate(row: dict[str, float], ends: tuple[str, str, str], n: int) -> Estimate:
    value, low, high = (row[name] for name in ends)
    note = "" if np.isfinite(low) else "no interval: findings can be drawn in one way alone"
    if not np.isfinite(value):
        why = {"crossing": NOWHERE, "largest": UNCHOSEN}
        note = why.get(row["measure"].split()[0], NOT_EVALUABLE)
    return Estimate(value=value, low=low, high=high, n=n, note=note)


def largest_heads(table: pd.DataFrame, n: int = 3) -> pd.DataFrame:
    """The heads of most effect of each side and direction, the largest first."""
    groups = table.groupby(["side", "direction"], sort=False)
    return pd.concat([block.nlargest(n, "value") for _, block in groups])


def side_by_side(table: pd.DataFrame, rows: Sequence[str], columns: str) -> pd.DataFrame:
    """Effects with their intervals as text, one column a place or layer."""
    rounded = table[["value", "low", "high"]].round(2) + 0.0  # no minus before a zero
    told = [with_interval(*three) for three in rounded.itertuples(index=False)]
    names = list(dict.fromkeys(table[columns]))
    wide = table.assign(told=told).pivot(index=list(rows), columns=columns, values="told")
    order = table[list(rows)].drop_duplicates()
    return order.merge(wide[names].reset_index(), on=list(rows), how="left")


def only(table: pd.DataFrame, **equal: object) -> pd.DataFrame:
    """The rows in which some columns have these values."""
    return table[(table[list(equal)] == pd.Series(equal)).all(axis=1)]
