"""Maps of a side's texts, and of its images apart, each with what it is worth.

Idea: a map persuades, so none stands alone. Beside each stand its trustworthiness and
continuity, and how pure neighbours are by polarity *on the map* and *in the space*: where
the two differ, the map shows what is not there, or hides what is. Over starts and
perplexities each of these has a spread, and what is claimed must hold over all of them.

Texts and images are never on one map: an encoder lays them out in two clouds, and t-SNE
would show little else.

Limits: see ``negcxr.probe.maps``.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.geometry import purity_draws
from negcxr.chapters.placed_texts import POLES, Texts
from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.measure.intervals import summarise
from negcxr.probe.geometry import closeness, cosines, purity
from negcxr.probe.maps import (
    allowed_perplexities,
    drawn_points,
    map_trust,
    tsne_maps,
)

MOST_IMAGES = 2000  # whose cosines to each other are held at once
POINT = ("side", "start", "perplexity", "x", "y")
NUMBERS = ("trustworthiness", "continuity", "purity on the map", "purity in the space")
MADE = ("side", "start", "perplexity", *NUMBERS, "chance", "n")


class Charted(NamedTuple):
    """What is put on a map.

    Attributes:
        rows: Unit rows.
        table: A row a point, with what a reader is told of it.
        labels: By which neighbours are pure or not; empty for points that are not asked.
        apart: Points that share one are not each other's neighbours.
    """

    rows: Float[np.ndarray, "point dim"]
    table: pd.DataFrame
    labels: Shaped[np.ndarray, " point"]
    apart: Shaped[np.ndarray, " point"]


class Maps(NamedTuple):
    """Points of all maps, a row a point and map; and the numbers of each, a row a map."""

    points: pd.DataFrame
    numbers: pd.DataFrame


def charted_texts(texts: Texts) -> Charted:
    """Texts by polarity; affirmed and denied ones alone are asked for their neighbours."""
    polarity = texts.column("polarity")
    labels = np.where(np.isin(polarity, POLES), polarity, "")
    table = texts.table[["finding", "polarity"]]
    return Charted(texts.rows, table, labels, texts.column("wording"))


def charted_images(side: Side, finding: str) -> Charted:
    """Images by one finding; films of one patient are no neighbours.

    Raises:
        InputError: The images are not judged for this finding.
    """
    if finding not in side.findings:
        known = ", ".join(side.findings)
        raise InputError(f"image_finding is {finding!r}, allowed are {known}")
    relevant = side.relevance[:, side.findings.index(finding)]
    names = np.select([relevant == 1, relevant == 0], ["with it", "without it"], "")
    table = pd.DataFrame({"image": np.where(names == "", "not judged", names)})
    return Charted(side.rows, table, names, side.patients.astype(str))


def evenest(side: Side) -> str:
    """The finding that comes nearest to being there in half of the judged images."""
    shares = [
        np.mean(judged) if (judged := each[np.isfinite(each)]).size else 0.0
        for each in side.relevance.T
    ]
    return side.findings[int(np.argmin(np.abs(np.array(shares) - 0.5)))]


def mapped_by_name(
    charted: Mapping[str, Charted],
    sampling: Sampling,
    *,
    starts: int,
    perplexities: Sequence[str],
) -> Maps:
    """`mapped` of several sides, one below the other.

    Raises:
        InputError: A perplexity is not a number.
    """
    values = [_number(text) for text in perplexities]
    made = [
        mapped(side, one, sampling, starts=starts, perplexities=values)
        for side, one in charted.items()
    ]
    return Maps(
        *(pd.concat(tables, ignore_index=True) for tables in zip(*made, strict=True))
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"perplexities has {text!r}, allowed are numbers") from None


def mapped(
    side: str,
    charted: Charted,
    sampling: Sampling,
    *,
    starts: int,
    perplexities: Sequence[float],
) -> Maps:
    """Maps of some points from several starts at several perplexities.

    Of more than 300 points, 300 are drawn. A perplexity that is too large for their
    number is left out, and where all are, no map is made.

    Returns:
        Points: side, start, perplexity, x, y and the columns of ``charted.table``.
        Numbers: side, start, perplexity, those of ``NUMBERS``, chance (of both
        purities) and n.
    """
    some = drawn_points(len(charted.rows), sampling.seed)
    rows, asked = charted.rows[some], charted.labels[some] != ""
    drawn = Charted(
        rows, charted.table.iloc[some], charted.labels[some][asked], charted.apart[some]
    )
    space, chance = _pure(cosines(rows[asked]), drawn, asked, sampling.k)
    points, numbers = [], []
    allowed = allowed_perplexities(perplexities, len(rows))
    for made in tsne_maps(rows, starts=starts, perplexities=allowed) if allowed else ():
        name = {"side": side, "start": made.start, "perplexity": made.perplexity}
        places = dict(zip("xy", made.points.T.round(4), strict=True))
        points.append(drawn.table.assign(**name, **places))
        trust = map_trust(rows, made.points, sampling.k)
        on_map, _ = _pure(closeness(made.points[asked]), drawn, asked, sampling.k)
        found = dict(zip(NUMBERS, (*trust, on_map, space), strict=True))
        numbers.append(name | found | {"chance": chance, "n": len(rows)})
    none = pd.DataFrame(columns=[*POINT, *charted.table])
    kept = pd.concat(points, ignore_index=True)[list(none)] if points else none
    return Maps(kept, pd.DataFrame(numbers, columns=list(MADE)))


def _pure(
    near: np.ndarray, drawn: Charted, asked: np.ndarray, k: int
) -> tuple[float, float]:
    found = purity(near, drawn.labels, k=k, apart=[drawn.apart[asked]])
    once = Sampling(0, 0)
    draws, chance = purity_draws(found, drawn.labels, drawn.labels, once)
    return float(draws[0]), chance


def image_purities(side: Side, sampling: Sampling) -> pd.DataFrame:
    """For each finding, how pure images' neighbours are by it, in the space itself.

    Of very many images, some are drawn. Intervals draw patients again.

    Returns:
        finding, value with its ends, chance, n; NaN where all images are alike.
    """
    rows = []
    for number, finding in enumerate(side.findings):
        judged = np.flatnonzero(np.isfinite(side.relevance[:, number]))
        some = judged[drawn_points(len(judged), sampling.seed, MOST_IMAGES)]
        labels, patients = side.relevance[some, number], side.patients[some].astype(str)
        found = purity(cosines(side.rows[some]), labels, k=sampling.k, apart=[patients])
        draws, chance = purity_draws(found, labels, patients, sampling)
        about = {"finding": finding, **summarise(draws)._asdict()}
        rows.append(about | {"chance": chance, "n": len(some)})
    return pd.DataFrame(rows)
