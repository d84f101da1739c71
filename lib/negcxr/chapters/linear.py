"""Probes on every side: polarity read from each layer, and what a probe takes absence for.

Idea: the same texts go through every side's tower, and the same probes are fitted to the
states of each. A probe of affirmed against denied texts is then asked texts that part the
*word* from the *absence* (see `probe_texts`).

Limits: see `negcxr.probe.linear` and `splits`. Intervals draw findings and wordings, and
hold fixed what was fitted. A share of texts that a probe takes for absent is above or
below chance as a whole where those texts are simply of another kind.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.chapters.probe_texts import SAYS, ProbeTexts
from negcxr.chapters.sides import Side
from negcxr.measure.crossed import Weights, balanced_draws, share_draws
from negcxr.measure.intervals import bootstrap_p, holm, summarise
from negcxr.measure.resampling import over_seeds
from negcxr.probe.linear import Probing, Scores, credit, held_out_scores, inside
from negcxr.probe.splits import Folds, Part, control_labels, folds, parts

FINDING_OUT, CUE_OUT, BOTH_OUT = "finding held out", "cue held out", "both held out"
SPLITS = (FINDING_OUT, CUE_OUT, BOTH_OUT)
LOTTED = (FINDING_OUT, CUE_OUT)  # with both held out, the control tells nothing more
Cell = tuple[str, int, str]  # state, how many layers it has passed, split


class Probed(NamedTuple):
    """What the probes of one side say.

    Attributes:
        name: The side's.
        depth: Layers of its tower; what has passed one more is the row.
        texts: That were asked.
        scores: Of all texts where findings were held out, else of the polar ones; above
            zero a text is read as affirmed.
        controls: Of the polar texts, by lot.
        lots: What each polar text got by lot; true is affirmed.
    """

    name: str
    depth: int
    texts: ProbeTexts
    scores: Mapping[Cell, Scores]
    controls: Mapping[Cell, Float[np.ndarray, "control text"]]
    lots: Bool[np.ndarray, "control text"]


class _Design(NamedTuple):
    """What is fitted and asked on every side alike."""

    texts: ProbeTexts
    held_out: Mapping[str, list[Part]]
    lots: Bool[np.ndarray, "control text"]
    penalty: float


def probe_sides(sides: Sequence[Side], texts: ProbeTexts, probing: Probing) -> list[Probed]:
    """The same probes on every side; nothing of a side is used but its tower."""
    n = texts.n_polar
    by_cue = folds(texts.families[:n], texts.kinds[:n], probing.n_folds)
    how = {"n": probing.n_controls, "seed": probing.seed}
    affirmed = texts.where("affirmed")[:n]
    lots = control_labels(affirmed, texts.wordings[:n], by_cue, **how)
    held_out = _held_out(texts, by_cue, probing.n_folds)
    design = _Design(texts, held_out, lots, probing.penalty)
    return [_probed(side, design) for side in sides]


def _held_out(texts: ProbeTexts, by_cue: Folds, n_folds: int) -> dict[str, list[Part]]:
    n, one = texts.n_polar, np.zeros(len(texts.texts), int)
    by_finding, every = folds(texts.findings, one, n_folds), np.ones(n, dtype=bool)
    return {
        FINDING_OUT: parts(by_finding, fit=texts.polar),
        CUE_OUT: parts(by_cue, fit=every),
        BOTH_OUT: parts(by_finding[:n], by_cue, fit=every),
    }


def _probed(side: Side, design: _Design) -> Probed:
    texts, n, penalty = design.texts, design.texts.n_polar, design.penalty
    found, controls, labels = {}, {}, texts.where("affirmed")
    for (state, passed), features in inside(side.tower, texts.texts).named():
        for split, each in design.held_out.items():
            here = slice(None) if split == FINDING_OUT else slice(n)
            asked = held_out_scores(features[here], labels[here], each, penalty)
            found[state, passed, split] = asked
            if split in LOTTED:
                own = [Part(part.fit[:n], part.ask[:n]) for part in each]
                controls[state, passed, split] = np.stack(
                    [
                        held_out_scores(features[:n], lot, own, penalty)
                        for lot in design.lots
                    ]
                )
    depth = len(side.tower.layers)
    return Probed(side.name, depth, texts, found, controls, design.lots)


def layer_table(probed: Sequence[Probed], sampling: Sampling) -> pd.DataFrame:
    """How well polarity is read from each layer, beside the control task.

    Returns:
        side, state, layers (how many were passed; the row comes one after the last), where
        (in words), split, target (accuracy, control, selectivity), value with its ends, p
        of "at chance" and p_holm (over the layers of a side, state, split and target),
        chance, texts. Accuracy is balanced, in [0, 1]; selectivity, accuracy less control,
        lies in [-1, 1]. What only describes the lots is not tested.
    """
    table = pd.DataFrame(row for one in probed for row in _layer_rows(one, sampling))
    family = table.groupby(["side", "state", "split", "target"], sort=False)["p"]
    return table.assign(p_holm=family.transform(lambda p: holm(p.to_numpy(dtype=float))))


def _layer_rows(one: Probed, sampling: Sampling) -> Iterator[dict[str, object]]:
    weights = one.texts.weights(sampling)[:, : one.texts.n_polar]
    for (state, passed, split), scores in one.scores.items():
        where = {"state": state, "layers": passed, "where": _where(one, passed)}
        asked = int(np.isfinite(scores[: one.texts.n_polar]).sum())
        cell = (state, passed, split)
        found = targets(one, cell, weights, seed=sampling.seed)
        for target, draws in found.items():
            chance = 0.0 if target == "selectivity" else 0.5
            p = np.nan if target == "control" else bootstrap_p(draws[1:] - chance)
            said = {"target": target, **summarise(draws)._asdict(), "p": p}
            said |= {"chance": chance, "texts": asked}
            yield {"side": one.name, **where, "split": split, **said}


def _where(one: Probed, passed: int) -> str:
    if passed > one.depth:
        return "row"
    return f"after layer {passed}" if passed else "before layer 1"


def targets(one: Probed, cell: Cell, weights: Weights, *, seed: int) -> dict[str, Draws]:
    """Accuracy of a probe, of its control, and selectivity, each as draws.

    Args:
        weights: Of the polar texts, on the same resamples for every side.
        seed: Draws the lots of the control again, with the texts.
    """
    n = one.texts.n_polar
    labels = one.texts.where("affirmed")[:n]
    scores = one.scores[cell][:n]
    found = {"accuracy": balanced_draws(weights, credit(scores, labels), labels)}
    if cell in one.controls:
        lots = zip(one.controls[cell], one.lots, strict=True)
        each = [balanced_draws(weights, credit(s, lot), lot) for s, lot in lots]
        found["control"] = over_seeds(np.stack(each), seed)
        found["selectivity"] = found["accuracy"] - found["control"]
    return found


def reading_table(probed: Sequence[Probed], sampling: Sampling) -> pd.DataFrame:
    """What the probes take each kind of text for, its finding held out.

    Returns:
        side, state, layers, where, kind, says (what a reader of absence would say), value
        (the share read as absent, in [0, 1]) with its ends, chance, texts.
    """
    rows = []
    for one in probed:
        weights = one.texts.weights(sampling)
        for cell in [cell for cell in one.scores if cell[2] == FINDING_OUT]:
            where = {"state": cell[0], "layers": cell[1], "where": _where(one, cell[1])}
            found = _kinds(one, cell, weights)
            rows += [{"side": one.name, **where, **row} for row in found]
    return pd.DataFrame(rows)


def _kinds(one: Probed, cell: Cell, weights: Weights) -> Iterator[dict[str, object]]:
    for kind, says in SAYS.items():
        texts = int(one.texts.where(kind).sum())
        if texts:
            found = summarise(read_absent(one, cell, kind, weights))._asdict()
            yield {"kind": kind, "says": says, **found, "chance": 0.5, "texts": texts}


def read_absent(one: Probed, cell: Cell, kind: str, weights: Weights) -> Draws:
    """The share of the texts of a kind that are read as absent, by draw."""
    absent = np.zeros(len(one.texts.texts), dtype=bool)
    values = credit(one.scores[cell], absent)
    return share_draws(weights, np.where(one.texts.where(kind), values, np.nan))
