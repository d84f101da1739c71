"""What each attention head of a text tower does for denied and for affirmed prompts.

Idea: the *effect* of a head is the mean AUROC of the whole tower less that without the
head: above zero where the head helps. It is tested against zero on resamples of
findings, wordings and patients together, and corrected over all heads of a tower. Beside
it stands what random subspaces of a head's size do in the same layer. These cannot be the
test: few of them can never be rare enough to pass a correction over many heads.

On a tower that is deaf to "no", denied AUROC lies near 0, and whatever makes it see less
of the finding raises it towards 1/2. A head that brings the finding to the row then has
an effect below zero on denied prompts and above zero on affirmed ones; a head that hears
the cue has one above zero on denied prompts and none on affirmed ones.

Limits: an effect is that of one head while all others work, so heads that can stand in for
each other have none; `negcxr.chapters.head_orders` takes several away. And a large effect
says that a head is needed, not what it does.
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
    asked_of,
    drawn,
    mean_effect,
)
from negcxr.chapters.sides import Side
from negcxr.measure.intervals import bootstrap_p, holm, summarise
from negcxr.probe.heads import Head, all_heads, head_sweep
from negcxr.probe.null_heads import null_sweep
from negcxr.probe.replacements import KINDS
from negcxr.text.prompts import Prompt

ALPHA = 0.05
TAIL = 0.025  # of null effects on either side


class Plan(NamedTuple):
    """How heads are taken away and tested.

    Attributes:
        kind: How they are taken away where one way stands for all.
        n_tests: Resamples of findings, wordings and patients behind each p.
        n_null: Random subspaces for each head.
        seed: Draws resamples, partners and subspaces.
    """

    kind: str
    n_tests: int
    n_null: int
    seed: int


class Swept(NamedTuple):
    """A side whose heads were taken away one by one.

    Attributes:
        rows: Without each head, by the kind of the plan.
        effects: A row a kind, polarity and head; see `effects_table`.
        draws: Effects of all heads by kind and polarity: on the sample, then on resamples.
    """

    side: Side
    asked: Asked
    heads: list[Head]
    intact: Float[np.ndarray, "text dim"]
    rows: Float[np.ndarray, "head text dim"]
    effects: pd.DataFrame
    draws: dict[tuple[str, str], Draws]


def sweep_side(side: Side, prompts: Sequence[Prompt], plan: Plan) -> Swept:
    """Take each head of a side away, by each kind, and test what is lost.

    Raises:
        InputError: No prompt can be evaluated, or the kind is not known.
    """
    asked, heads = asked_of(side, prompts), all_heads(side.tower)
    again = drawn(asked, plan.n_tests, plan.seed)
    intact = side.tower.encode_texts(asked.texts)
    parts = list(head_sweep(side.tower, asked.texts, seed=plan.seed))
    draws, own = {}, intact[None]
    for i, kind in enumerate(KINDS):
        rows = np.concatenate([part[i] for part in parts])
        own = rows if kind == plan.kind else own
        effect = mean_effect(asked, intact, rows, again)
        draws |= {(kind, polarity): effect[polarity] for polarity in POLARITIES}
    nulls = null_effects(side, asked, plan)
    effects = effects_table(side, asked, draws)
    effects = beside_null(effects, nulls, plan.kind)
    return Swept(side, asked, heads, intact, own, effects, draws)


def effects_table(
    side: Side, asked: Asked, draws: dict[tuple[str, str], Draws]
) -> pd.DataFrame:
    """The effect of every head on denied and affirmed AUROC, each way of taking it away.

    Returns:
        side, kind, polarity, layer and head (from 1), value (the effect) with its ends, p
        (two-sided), p_holm (corrected over the heads of one tower, kind and polarity),
        passes (p_holm below 5 %), n (texts).
    """
    heads = all_heads(side.tower)
    tables = []
    for (kind, polarity), found in draws.items():
        table = pd.DataFrame([summarise(d.astype(float)) for d in found])
        p = np.array([bootstrap_p(d[1:].astype(float)) for d in found])
        known = {"side": side.name, "kind": kind, "polarity": polarity}
        table = table.assign(**known, p=p, p_holm=holm(p))
        table["layer"], table["head"] = np.array(heads).T + 1
        tables.append(table.assign(n=len(asked.places(polarity))))
    table = pd.concat(tables, ignore_index=True)
    front = ["side", "kind", "polarity", "layer", "head"]
    table = table[[*front, *(name for name in table if name not in front)]]
    return table.assign(passes=table["p_holm"] < ALPHA)


def null_effects(side: Side, asked: Asked, plan: Plan) -> pd.DataFrame:
    """What random subspaces of each head's size do, on the sample alone.

    Returns:
        polarity, layer and head (from 1), value.
    """
    nothing = drawn(asked, 0, plan.seed)
    intact, tables = side.tower.encode_texts(asked.texts), []
    how = {"kind": plan.kind, "seed": plan.seed}
    for number, rows in enumerate(null_sweep(side.tower, asked.texts, plan.n_null, **how)):
        flat = rows.reshape(-1, *rows.shape[2:])
        heads = np.repeat(np.arange(len(rows)), rows.shape[1]) + 1
        for polarity, found in mean_effect(asked, intact, flat, nothing).items():
            table = pd.DataFrame({"head": heads, "value": found[:, 0].astype(float)})
            tables.append(table.assign(polarity=polarity, layer=number + 1))
    return pd.concat(tables, ignore_index=True)


def beside_null(effects: pd.DataFrame, nulls: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Effects of one kind beside those of random subspaces of the same layer.

    Returns:
        The effects with null (the median), null_low and null_high (between which 95 % of
        them lie), and null_share (how many of them are as far from zero as the head); NaN
        for other kinds.
    """
    places = ["polarity", "layer"]
    known = {key: block["value"].to_numpy() for key, block in nulls.groupby(places)}
    rows = []
    for row in effects.itertuples():
        null = known.get((row.polarity, row.layer), np.empty(0))
        if row.kind != kind or not np.isfinite(null).any():
            rows.append((np.nan, np.nan, np.nan, np.nan))
        else:
            as_far = np.mean(np.abs(null) >= abs(row.value))
            rows.append((*np.quantile(null, [0.5, TAIL, 1 - TAIL]), as_far))
    columns = ["null", "null_low", "null_high", "null_share"]
    return effects.assign(**dict(zip(columns, np.array(rows).T, strict=True)))


def passing(swept: Sequence[Swept], kind: str) -> pd.DataFrame:
    """How many heads of each side pass, how many of them help, and the largest effects.

    Returns:
        side, polarity, heads, pass, help (pass, with an effect above zero), most, least.
    """
    rows = []
    for side, polarity in product(swept, POLARITIES):
        table = side.effects.query("kind == @kind and polarity == @polarity")
        rows.append(
            {
                "side": side.side.name,
                "polarity": polarity,
                "heads": len(table),
                "pass": int(table["passes"].sum()),
                "help": int((table["passes"] & (table["value"] > 0)).sum()),
                "most": table["value"].max(),
                "least": table["value"].min(),
            }
        )
    return pd.DataFrame(rows)


def largest(effects: pd.DataFrame, kind: str, n: int = 5) -> pd.DataFrame:
    """The heads of one kind whose effect is farthest from zero, by side and polarity."""
    table = effects[effects["kind"] == kind].dropna(subset=["value"])
    order = table["value"].abs().sort_values(ascending=False, kind="stable").index
    blocks = table.loc[order].groupby(["side", "polarity"], sort=False)
    first = {key: block.head(n) for key, block in blocks}
    keys = dict.fromkeys(zip(table["side"], table["polarity"], strict=True))
    return pd.concat([table[:0], *(first[key] for key in keys)], ignore_index=True)
