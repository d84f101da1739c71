"""What probes take texts for that part the word from the absence.

Idea: see `probe_texts`. Each text is asked of a probe that was fitted to affirmed and
denied prompts of other findings, and placed against those of its own.

Limits: a share of texts that is read as absent lies above or below chance as a whole where
those texts are simply of another kind; so equivalents are compared with signs.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.linear import FINDING_OUT, Cell, Probed, where_of
from negcxr.chapters.methods import Draws
from negcxr.chapters.probe_texts import POLAR, SAYS, ProbeTexts
from negcxr.measure.crossed import Drawn, Weights, ordering_draws, share_draws
from negcxr.measure.intervals import summarise
from negcxr.probe.linear import DIGITS, Scores, credit


def reading_table(probed: Sequence[Probed], sampling: Sampling) -> pd.DataFrame:
    """What the probes take each kind of text for, its finding held out.

    Returns:
        side, state, layers, where, kind, says (what a reader of absence would say), value
        (the share read as absent, in [0, 1]) with its ends, chance, texts.
    """
    rows = []
    for one in probed:
        weights = one.texts.drawn(sampling).weights
        for cell in [cell for cell in one.scores if cell[2] == FINDING_OUT]:
            where = {"state": cell[0], "layers": cell[1], "where": where_of(one, cell[1])}
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
    """The share of the texts of a kind that are read as absent, by draw.

    Read as absent is what lies nearer to the denied than to the affirmed texts of the same
    finding, on average: a line fitted to other findings has its zero somewhere else.
    """
    absent = np.zeros(len(one.texts.texts), dtype=bool)
    values = credit(one.scores[cell] - _middles(one.texts, one.scores[cell]), absent)
    return share_draws(weights, np.where(one.texts.where(kind), values, np.nan))


def _middles(texts: ProbeTexts, scores: Scores) -> Scores:
    """Midway between the mean affirmed and the mean denied score of a text's finding."""
    found = np.full(len(scores), np.nan)
    for finding in np.unique(texts.findings):
        here = texts.findings == finding
        both = [scores[here & texts.where(kind)] for kind in POLAR]
        if all(len(each) for each in both):
            found[here] = sum(each.mean() for each in both) / 2
    return np.round(found, DIGITS)


def signs_above(one: Probed, cell: Cell, drawn: Drawn) -> Draws:
    """AUROC of signs above equivalents of the same finding, which was held out, by draw."""
    texts, signs = one.texts, one.texts.where("sign")
    asked = np.where(signs | texts.where("equivalent"), one.scores[cell], np.nan)
    return ordering_draws(drawn, asked, signs, texts.findings)
