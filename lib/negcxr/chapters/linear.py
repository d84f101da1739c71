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
from negcxr.chapters.probe_texts import Names, ProbeTexts
from negcxr.chapters.sides import Side
from negcxr.measure.crossed import Drawn, ordering_draws
from negcxr.measure.intervals import bootstrap_p, holm, summarise
from negcxr.measure.resampling import over_seeds
from negcxr.probe.linear import (
    Probing,
    Scores,
    held_out_scores,
    inside,
)
from negcxr.probe.splits import Folds, Part, asked_in, control_labels, folds, parts

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
        within: By split, groups of polar texts whose scores may be compared: those of one
            finding that were asked of one probe.
    """

    name: str
    depth: int
    texts: ProbeTexts
    scores: Mapping[Cell, Scores]
    controls: Mapping[Cell, Float[np.ndarray, "control text"]]
    lots: Bool[np.ndarray, "control text"]
    within: Mapping[str, Names]


class _Design(NamedTuple):
    """What is fitted and asked on every side alike."""

    texts: ProbeTexts
    held_out: Mapping[str, list[Part]]
    lots: Bool[np.ndarray, "control text"]
    penalty: float

    @property
    def within(self) -> dict[str, Names]:
        """By split, the finding of each polar text and the part that asks it."""
        n = self.texts.n_polar
        _, finding = np.unique(self.texts.findings[:n], return_inverse=True)
        asked = {
            k: asked_in(v, len(v[0].ask) if v else n) for k, v in self.held_out.items()
        }
        return {split: finding * (1 + n) + each[:n] for split, each in asked.items()}


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
    return Probed(side.name, depth, texts, found, controls, design.lots, design.within)


def layer_table(probed: Sequence[Probed], sampling: Sampling) -> pd.DataFrame:
    """How well polarity is read from each layer, beside the control task.

    Returns:
        side, state, layers (how many were passed; the row comes one after the last), where
        (in words), split, target (probe, control, selectivity), value with its ends, p of
        "at chance" and p_holm (over the layers of a side, state, split and target),
        chance, texts. Probe and control are AUROC within a finding, in [0, 1];
        selectivity, the first less the second, lies in [-1, 1]. The control is not tested.
    """
    table = pd.DataFrame(row for one in probed for row in _layer_rows(one, sampling))
    family = table.groupby(["side", "state", "split", "target"], sort=False)["p"]
    return table.assign(p_holm=family.transform(lambda p: holm(p.to_numpy(dtype=float))))


def _layer_rows(one: Probed, sampling: Sampling) -> Iterator[dict[str, object]]:
    drawn = one.texts.drawn(sampling).part(one.texts.n_polar)
    for (state, passed, split), scores in one.scores.items():
        where = {"state": state, "layers": passed, "where": where_of(one, passed)}
        asked = int(np.isfinite(scores[: one.texts.n_polar]).sum())
        cell = (state, passed, split)
        found = targets(one, cell, drawn, seed=sampling.seed)
        for target, draws in found.items():
            chance = 0.0 if target == "selectivity" else 0.5
            p = np.nan if target == "control" else bootstrap_p(draws[1:] - chance)
            said = {"target": target, **summarise(draws)._asdict(), "p": p}
            said |= {"chance": chance, "texts": asked}
            yield {"side": one.name, **where, "split": split, **said}


def where_of(one: Probed, passed: int) -> str:
    """Where a state is that has passed so many layers, in words."""
    if passed > one.depth:
        return "row"
    return f"after layer {passed}" if passed else "before layer 1"


def targets(one: Probed, cell: Cell, drawn: Drawn, *, seed: int) -> dict[str, Draws]:
    """AUROC of a probe, of its control, and selectivity, each as draws.

    Args:
        drawn: Of the polar texts, on the same resamples for every side.
        seed: Draws the lots of the control again, with the texts.
    """
    n = one.texts.n_polar
    labels, within = one.texts.where("affirmed")[:n], one.within[cell[2]]
    found = {"probe": ordering_draws(drawn, one.scores[cell][:n], labels, within)}
    if cell in one.controls:
        lots = zip(one.controls[cell], one.lots, strict=True)
        each = [ordering_draws(drawn, scores, lot, within) for scores, lot in lots]
        found["control"] = over_seeds(np.stack(each), seed)
        found["selectivity"] = found["probe"] - found["control"]
    return found
