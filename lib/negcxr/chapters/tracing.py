"""Where each side's answer to a cue lies: effects by layer and place, head, and layer.

Idea: the same pairs of sentences are traced through every side's tower, both ways. Put
into the affirmed run, a denied state shows where it is *enough* to bring the denial about;
an affirmed state put into the denied run shows where taking it out undoes the denial, so
that it is *needed*. The two differ where several ways lead to one answer.

Limits: an effect is a share of what the cue moves, and says nothing of whether that is
much, nor whether it goes the right way; so the two runs' answers stand beside it. The
intervals resample findings, with all pairs about one together, and hold the images fixed;
few findings make them too narrow.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.sides import Side, contrasts
from negcxr.errors import InputError
from negcxr.measure.effects import NOISE, effect_draws
from negcxr.measure.intervals import bootstrap_p, holm, summarise
from negcxr.probe.alignment import PLACES, align
from negcxr.probe.tracing import SCOPES, Trace, trace
from negcxr.text.pairs import Pair

Direction = Literal["denied into affirmed", "affirmed into denied"]
INWARD: Direction = "denied into affirmed"
OUTWARD: Direction = "affirmed into denied"
NOT_EVALUABLE = "not evaluable: what the cue moves is not told apart from nothing"


class Traced(NamedTuple):
    """One side's traces, both ways.

    Attributes:
        name: The side's.
        pairs: That were traced.
        traces: By direction.
    """

    name: str
    pairs: list[Pair]
    traces: Mapping[str, Trace]

    @property
    def findings(self) -> list[str]:
        """What each pair is about."""
        return [pair.finding for pair in self.pairs]

    def draws(
        self, part: str, sampling: Sampling, direction: Direction = INWARD
    ) -> Float[np.ndarray, "*cell draw"]:
        """Draws of the effects of a part of a trace: states, heads or layers."""
        found = self.traces[direction]
        moved = getattr(found, part) - found.into
        return effect_draws(
            moved.reshape(-1, len(self.pairs)),
            found.of - found.into,
            self.findings,
            n_resamples=sampling.n_resamples,
            seed=sampling.seed,
        ).reshape(*moved.shape[:-1], -1)


def shared_pairs(
    sides: Sequence[Side], pairs: Sequence[Pair]
) -> tuple[list[Pair], pd.DataFrame]:
    """The pairs that every side can trace, and what became of each frame.

    Returns:
        The pairs; and by frame: affirmed and denied (of its first pair), traced (how many
        pairs), left_out, and why.

    Raises:
        InputError: A side can trace none, or no pair is left to all.
    """
    why: dict[Pair, str] = {}
    for side in sides:
        known = contrasts(side)
        lost = [p for p in pairs if p.finding not in known]
        why |= dict.fromkeys(lost, "too few images with the finding, or without")
        why |= dict(align(side.tower, [p for p in pairs if p.finding in known]).left_out)
    kept = [pair for pair in pairs if pair not in why]
    if not kept:
        raise InputError(
            f"{', '.join(side.name for side in sides)}: no pair of sentences can be traced "
            "through all; allowed: sides whose tokens keep their places in the same pairs"
        )
    return kept, pd.DataFrame(_frames(pairs, why))


def _frames(pairs: Sequence[Pair], why: Mapping[Pair, str]) -> Iterator[dict]:
    for frame in dict.fromkeys(pair.frame for pair in pairs):
        own = [pair for pair in pairs if pair.frame == frame]
        reasons = dict.fromkeys(why[pair] for pair in own if pair in why)
        lost = sum(pair in why for pair in own)
        texts = {"affirmed": own[0].affirmed, "denied": own[0].denied}
        counts = {"traced": len(own) - lost, "left_out": lost, "why": "; ".join(reasons)}
        yield {"frame": frame, **texts, **counts}


def trace_sides(sides: Sequence[Side], pairs: Sequence[Pair]) -> list[Traced]:
    """The same pairs through every side's tower, both ways; see `shared_pairs`."""
    return [_traced(side, list(pairs)) for side in sides]


def _traced(side: Side, pairs: list[Pair]) -> Traced:
    known = contrasts(side)
    rows = np.stack([known[pair.finding] for pair in pairs])
    affirmed, denied = [p.affirmed for p in pairs], [p.denied for p in pairs]
    ways = {INWARD: (affirmed, denied), OUTWARD: (denied, affirmed)}
    traces = {way: trace(side.tower, *texts, rows) for way, texts in ways.items()}
    return Traced(side.name, pairs, traces)


def state_effects(
    traced: Sequence[Traced], sampling: Sampling, direction: Direction = INWARD
) -> pd.DataFrame:
    """Effects of exchanged states, by the layers passed and the place.

    Returns:
        side, direction, layers (how many were passed), where (in words), place, value,
        low, high, p and p_holm of "no effect" (corrected over the side's cells), pairs,
        note. What is so by construction is not tested, p is NaN: the states before the
        first layer and after the last, and a place that no cue can reach.
    """
    return _table(traced, "states", sampling, direction)


def head_effects(
    traced: Sequence[Traced], sampling: Sampling, direction: Direction = INWARD
) -> pd.DataFrame:
    """Effects of exchanged heads, by layer and head (both from 1), and scope.

    Returns:
        As `state_effects`, with layer, where, scope and head; corrected over the heads of
        a side in one scope.
    """
    return _table(traced, "heads", sampling, direction)


def layer_effects(
    traced: Sequence[Traced], sampling: Sampling, direction: Direction = INWARD
) -> pd.DataFrame:
    """Effects of what a layer writes in all places, by layer (from 1).

    Returns:
        As `state_effects`, with layer and where.
    """
    return _table(traced, "layers", sampling, direction)


def _table(
    traced: Sequence[Traced], part: str, sampling: Sampling, direction: Direction
) -> pd.DataFrame:
    tables = [_side_table(one, part, sampling, direction) for one in traced]
    return pd.concat(tables, ignore_index=True)


def _side_table(
    one: Traced, part: str, sampling: Sampling, direction: Direction
) -> pd.DataFrame:
    draws = one.draws(part, sampling, direction)
    counts = np.isfinite(getattr(one.traces[direction], part)).sum(axis=-1)
    rows = []
    for cell in np.ndindex(counts.shape):
        if counts[cell]:  # a place that no pair has is no cell
            named = {"side": one.name, "direction": direction, **_named(part, cell, draws)}
            tested = _tested(part, cell, draws)
            p = bootstrap_p(draws[cell][1:]) if tested else np.nan
            known = np.isfinite(draws[cell][0])
            said = {"pairs": counts[cell], "note": "" if known else NOT_EVALUABLE}
            rows.append({**named, **summarise(draws[cell])._asdict(), "p": p, **said})
    table = pd.DataFrame(rows)
    family = table.groupby("scope" if part == "heads" else "side")["p"]
    return table.assign(p_holm=family.transform(lambda p: holm(p.to_numpy(dtype=float))))


def _named(part: str, cell: tuple[int, ...], draws: np.ndarray) -> dict[str, object]:
    """What a cell is called."""
    if part == "states":
        depth, place = cell
        where = f"after layer {depth}" if depth else "before layer 1"
        return {"layers": depth, "where": where, "place": PLACES[place]}
    names = {"layer": cell[0] + 1, "where": f"layer {cell[0] + 1}"}
    if part == "heads":
        names |= {"scope": SCOPES[cell[1]], "head": cell[2] + 1}
    return names


def _tested(part: str, cell: tuple[int, ...], draws: np.ndarray) -> bool:
    """Whether a cell could have been otherwise."""
    ends = part == "states" and cell[0] in (0, len(draws) - 1)
    return not ends and bool(np.nanmax(np.abs(draws[cell]), initial=0) > NOISE)
