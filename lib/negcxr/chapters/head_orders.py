"""Heads chosen on some patients and judged on others, alone and several together.

Idea: the largest of many effects is large in part by luck. So heads are put in order on
one half of the patients, and what is lost without the first, the first two and so on is
measured on the other half, beside orders drawn at random. How fast the curve falls says
whether few heads carry the denials, or many; single effects cannot, where heads stand in
for each other.

Limits: the order is that of single effects, so two heads that are needed only together
come late. And what stands in for a head is what the whole tower has there, which the
layers below no longer give when heads of theirs are gone.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.head_auroc import (
    POLARITIES,
    Asked,
    Draws,
    Resamples,
    asked_of,
    drawn,
    mean_auroc,
    mean_effect,
)
from negcxr.chapters.heads import Plan, Swept
from negcxr.chapters.sides import Side
from negcxr.measure.intervals import bootstrap_p, summarise
from negcxr.probe.heads import Head, ablated_sets
from negcxr.text.prompts import Prompt

POINTS = 9  # of a curve, besides that of the whole tower
CHANCE = 0.5
ORDERED, RANDOM = "by effect", "at random"


class Top(NamedTuple):
    """The head that helps most on the choosing half, and its effect on the judging one."""

    head: Head
    chosen: float
    draws: Float[np.ndarray, " draw"]


class Judged(NamedTuple):
    """A side whose heads were put in order on one half of its patients.

    Attributes:
        judging: What is asked of the other half.
        order: By polarity all heads, the one that helps most first.
        top: By polarity the first of them.
        again: Resamples of the judging half.
    """

    swept: Swept
    judging: Asked
    order: dict[str, list[Head]]
    top: dict[str, Top]
    again: Resamples


def halves(side: Side, prompts: Sequence[Prompt], seed: int) -> tuple[Asked, Asked]:
    """What is asked of one half of a side's patients, drawn, and of the other.

    Raises:
        InputError: A half has no prompt that can be evaluated.
    """
    names = np.unique(side.patients)
    order = np.random.default_rng(seed).permutation(len(names))
    first = np.isin(side.patients, names[order[: len(names) // 2]])
    choosing, judging = (
        side._replace(
            rows=side.rows[own], relevance=side.relevance[own], patients=side.patients[own]
        )
        for own in (first, ~first)
    )
    return asked_of(choosing, prompts), asked_of(judging, prompts)


def judge(swept: Swept, prompts: Sequence[Prompt], plan: Plan) -> Judged:
    """Put heads in order on one half of the patients, and test the first on the other.

    Raises:
        InputError: A half has no prompt that can be evaluated.
    """
    choosing, judging = halves(swept.side, prompts, plan.seed)
    rows = swept.intact, swept.rows
    nothing = drawn(choosing, 0, plan.seed)
    chosen = mean_effect(choosing, *rows, nothing)
    again = drawn(judging, plan.n_tests, plan.seed)
    order, top = {}, {}
    for polarity in POLARITIES:
        effects = chosen[polarity][:, 0]
        places = np.argsort(-effects, kind="stable")
        order[polarity] = [swept.heads[i] for i in places]
        one = swept.rows[places[:1]]
        draws = mean_effect(judging, swept.intact, one, again)[polarity][0]
        top[polarity] = Top(swept.heads[places[0]], float(effects[places[0]]), draws)
    return Judged(swept, judging, order, top, again)


def top_heads(judged: Sequence[Judged]) -> pd.DataFrame:
    """The head of each side that helps most, chosen on one half, judged on the other.

    Returns:
        side, polarity, layer and head (from 1), chosen (its effect where it was chosen,
        which flatters it), value with its ends, p.
    """
    rows = []
    for one, polarity in product(judged, POLARITIES):
        (layer, head), chosen, draws = one.top[polarity]
        rows.append(
            {
                **{"side": one.swept.side.name, "polarity": polarity},
                **{"layer": layer + 1, "head": head + 1, "chosen": chosen},
                **summarise(draws)._asdict(),
                "p": bootstrap_p(draws[1:]),
            }
        )
    return pd.DataFrame(rows)


def head_curve(one: Judged, plan: Plan, *, n_orders: int, n_resamples: int) -> pd.DataFrame:
    """AUROC without the first heads of an order, as more and more are taken away.

    Args:
        n_orders: How many orders are drawn at random.
        n_resamples: Behind the intervals of the order by effect on denied prompts.

    Returns:
        side, order, polarity, heads (how many are gone), value with its ends (of random
        orders the mean, and the lowest and the highest of them), chance.
    """
    rng, heads = np.random.default_rng(plan.seed), one.swept.heads
    counts = [0, *np.unique(np.geomspace(1, len(heads), POINTS).round().astype(int))]
    dealt = [[heads[i] for i in rng.permutation(len(heads))] for _ in range(n_orders)]
    made = [_curve(one, order, counts, plan, n_resamples) for order in dealt]
    first = _curve(one, one.order["denied"], counts, plan, n_resamples)
    tables = []
    for polarity in reversed(POLARITIES):
        ordered = pd.DataFrame([summarise(d) for d in first[polarity]])
        tables.append(ordered.assign(order=ORDERED, polarity=polarity, heads=counts))
    for polarity in reversed(POLARITIES) if made else ():
        each = np.stack([found[polarity][:, 0] for found in made])
        ends = {"value": each.mean(axis=0), "low": each.min(0), "high": each.max(0)}
        table = pd.DataFrame(ends).assign(order=RANDOM, polarity=polarity, heads=counts)
        tables.append(table)
    table = pd.concat(tables, ignore_index=True).assign(side=one.swept.side.name)
    columns = ["side", "order", "polarity", "heads", "value", "low", "high"]
    return table[columns].assign(chance=CHANCE)


def curve_table(curves: pd.DataFrame) -> pd.DataFrame:
    """`head_curve` with a column a number of heads, and its ends: how many are gone."""
    rows = []
    for (side, order, polarity), block in curves.groupby(
        ["side", "order", "polarity"], sort=False
    ):
        row: dict[str, object] = {"side": side, "order": order, "polarity": polarity}
        for known in block.itertuples():
            ends = (known.value, known.low, known.high)
            name = str(known.heads)
            row |= dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def _curve(
    one: Judged, order: Sequence[Head], counts: Sequence[int], plan: Plan, n_resamples: int
) -> dict[str, Draws]:
    """Mean AUROC on the judging half without the first heads, for each count."""
    sets = [order[:count] for count in counts]
    texts, tower = one.judging.texts, one.swept.side.tower
    rows = ablated_sets(tower, texts, sets, plan.kind, seed=plan.seed)
    few = Resamples(*(part[:n_resamples] for part in one.again))
    found = mean_auroc(one.judging, rows, few)
    return {polarity: draws.astype(float) for polarity, draws in found.items()}
