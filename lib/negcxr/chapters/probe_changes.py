"""What fine-tuning changed of what probes read, and whether images are told of it.

Idea: a few numbers a side, all of the row, which is what images are compared with. It is
fixed beforehand: the layer in which a probe does best would be found on the very texts
that it is measured by.

Reading *absence* takes more than parting affirmed from denied prompts: an equivalent has
to be told from a sign of the same form, and a double negation be read as present.

Limits: a probe that does not read a polarity shows that no *line* fits for all findings,
not that the tower is deaf; and a difference between two sides of another kind of text may
come from a word that has nothing to do with the finding.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.groups import BASE
from negcxr.chapters.linear import (
    CUE_OUT,
    FINDING_OUT,
    Probed,
    targets,
)
from negcxr.chapters.methods import Draws
from negcxr.chapters.probe_reading import read_absent, signs_above
from negcxr.chapters.probe_texts import POLAR, ProbeTexts
from negcxr.chapters.side_changes import side_changes
from negcxr.errors import InputError
from negcxr.probe.linear import READ, WORDS
from negcxr.results import Estimate

POLARITY, UNSEEN_CUE = "polarity, finding held out", "polarity, cue held out"
SELECTIVITY = "selectivity"
EQUIVALENTS, APART = "equivalents read as absent", "equivalents told from signs"
DOUBLE = "double negation read as present"
STEMS = {  # of a number in a result
    POLARITY: "polarity_finding_out",
    UNSEEN_CUE: "polarity_cue_out",
    SELECTIVITY: "selectivity",
    EQUIVALENTS: "equivalents_absent",
    APART: "equivalents_from_signs",
    DOUBLE: "double_negation_present",
}
CHANCE = 0.5  # of all of them but selectivity
ABSENCE, WORD, NEITHER = "absence", "words of a denial", "neither for certain"


def row_numbers(one: Probed, sampling: Sampling) -> dict[str, Draws]:
    """What is asked of a side's row, each as draws.

    Returns:
        By the keys of ``STEMS``: AUROCs within a finding and shares in [0, 1], and
        selectivity (finding held out) in [-1, 1]; NaN throughout where there is no such
        text, or too few findings or wordings to hold any out.
    """
    drawn, row = one.texts.drawn(sampling), one.depth + 1
    polar, cell = drawn.part(one.texts.n_polar), (READ, row, FINDING_OUT)
    finding, cue = (
        targets(one, (READ, row, split), polar, seed=sampling.seed)
        for split in (FINDING_OUT, CUE_OUT)
    )
    equivalent, double = (
        read_absent(one, cell, kind, drawn.weights)
        for kind in ("equivalent", "double-negation")
    )
    return {
        POLARITY: finding["probe"],
        UNSEEN_CUE: cue["probe"],
        SELECTIVITY: finding["selectivity"],
        EQUIVALENTS: equivalent,
        APART: signs_above(one, cell, drawn),
        DOUBLE: 1 - double,
    }


def probe_changes(probed: Sequence[Probed], sampling: Sampling) -> pd.DataFrame:
    """Those numbers of every side, and what became of each of the base's.

    Returns:
        measure, side, value with its ends, change against the base with its ends, p of
        the change and p_holm, corrected over all changes of the table.

    Raises:
        InputError: Sides were asked different texts.
    """
    for other in probed[1:]:
        if other.texts.texts != probed[0].texts.texts:
            raise InputError(
                f"{other.name} was asked {len(other.texts.texts)} texts and "
                f"{probed[0].name} {len(probed[0].texts.texts)} others; allowed: the same"
            )
    return side_changes({one.name: row_numbers(one, sampling) for one in probed})


def probe_numbers(table: pd.DataFrame, texts: ProbeTexts) -> dict[str, Estimate]:
    """The rows of `probe_changes` as numbers of a result.

    Returns:
        ``<stem>_<side>``, and ``<stem>_change_<side>`` of all but the base.
    """
    found = {}
    for row in table.to_dict("records"):
        stem, side = STEMS[row["measure"]], row["side"].replace("-", "_")
        n = _asked(row["measure"], texts)
        chance = 0.0 if row["measure"] == SELECTIVITY else CHANCE
        found[f"{stem}_{side}"] = _estimate(row, "value", n, chance)
        if row["side"] != BASE:
            found[f"{stem}_change_{side}"] = _estimate(row, "change", n, None)
    return found


def _asked(measure: str, texts: ProbeTexts) -> int:
    kinds = {
        EQUIVALENTS: ["equivalent"],
        APART: ["equivalent", "sign"],
        DOUBLE: ["double-negation"],
    }
    return int(np.isin(texts.kinds, kinds.get(measure, POLAR)).sum())


def _estimate(row: dict[str, float], name: str, n: int, chance: float | None) -> Estimate:
    ends = ("low", "high") if name == "value" else ("change_low", "change_high")
    value, low, high = (row[key] for key in (name, *ends))
    note = "" if np.isfinite(low) else "no interval: nothing that could be drawn again"
    if not np.isfinite(value):
        note = "not evaluable: no such text, or too few findings or wordings to hold out"
    return Estimate(value=value, low=low, high=high, n=n, chance=chance, note=note)


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """What a line through the rows of each side reads, as far as intervals say.

    ``absence`` where equivalents are told from signs and double negations are read as
    present, both for certain; ``words of a denial`` where polarity is read and double
    negations are read as absent, both for certain; else neither.

    Returns:
        side, the three numbers that decide with their ends, reads.
    """
    rows = []
    for side, block in table.groupby("side", sort=False):
        known = block.set_index("measure")
        low, high = known["low"], known["high"]
        reads = NEITHER
        if min(low[APART], low[DOUBLE]) > CHANCE:
            reads = ABSENCE
        elif low[POLARITY] > CHANCE > high[DOUBLE]:
            reads = WORD
        shown = {"side": side}
        for name in (POLARITY, APART, DOUBLE):
            value, *ends = known.loc[name, ["value", "low", "high"]]
            shown |= {name: value, f"{name}_low": ends[0], f"{name}_high": ends[1]}
        rows.append(shown | {"reads": reads})
    return pd.DataFrame(rows)


def bag_numbers(table: pd.DataFrame) -> dict[str, Estimate]:
    """What a probe of the base reads before the first layer, in the mean of its words.

    Args:
        table: From `linear.layer_table`.

    Returns:
        ``bag_finding_out_base`` and ``bag_control_base``, with findings held out.
    """
    here = {"side": BASE, "state": WORDS, "layers": 0, "split": FINDING_OUT}
    block = table[(table[list(here)] == pd.Series(here)).all(axis=1)].set_index("target")
    names = {"bag_finding_out_base": "probe", "bag_control_base": "control"}
    return {
        name: _estimate(block.loc[target], "value", int(block.loc[target, "texts"]), CHANCE)
        for name, target in names.items()
    }
