"""What images are told of a denial: the answers of each side to affirmed and denied texts.

Idea: what can be read off a row is one thing, and what is made of it another. Images are
compared with a row by a dot product, so the one number that reaches them is how far it
lies along the contrast of the finding.

Limits: a mean over findings and wordings; see `sides` for what a contrast is blind to.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.probe_texts import POLAR, ProbeTexts
from negcxr.chapters.sides import Side, contrasts
from negcxr.measure.crossed import share_draws
from negcxr.measure.intervals import summarise
from negcxr.results import Estimate


def image_answers(
    sides: Sequence[Side], texts: ProbeTexts, sampling: Sampling
) -> pd.DataFrame:
    """What images are told: the mean answer of each side to affirmed and denied texts.

    The answer is the dot product with the contrast of the finding (see `sides`): above
    zero, a text lies nearer to images that have the finding.

    Returns:
        side, polarity, value with its ends in [-2, 2], texts.
    """
    weights, rows = texts.drawn(sampling).weights, []
    for side in sides:
        values = _answers(side, texts)
        for kind in POLAR:
            asked = np.where(texts.where(kind), values, np.nan)
            row = {"side": side.name, "polarity": kind}
            row |= summarise(share_draws(weights, asked))._asdict()
            rows.append(row | {"texts": int(np.isfinite(asked).sum())})
    return pd.DataFrame(rows)


def _answers(side: Side, texts: ProbeTexts) -> Float[np.ndarray, " text"]:
    """Of affirmed and denied texts whose finding has a contrast; else NaN."""
    known, found = contrasts(side), np.full(len(texts.texts), np.nan)
    rows = side.tower.encode_texts(texts.texts[: texts.n_polar]).astype(float)
    for place, row in enumerate(rows):
        if texts.findings[place] in known:
            found[place] = row @ known[texts.findings[place]]
    return found


def answer_numbers(table: pd.DataFrame) -> dict[str, Estimate]:
    """The rows of `image_answers` as numbers of a result: ``answer_<polarity>_<side>``."""
    return {
        f"answer_{row.polarity}_{row.side.replace('-', '_')}": Estimate(
            value=row.value, low=row.low, high=row.high, n=row.texts
        )
        for row in table.itertuples()
    }
