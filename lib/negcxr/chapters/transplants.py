"""Which part of a fine-tuned text tower holds what training won.

Idea: affirmed, denied and composite queries are asked of the base with one part of the
tuned tower (does it *suffice*?), of the tuned tower with one part of the base (is it
*needed*?), and of the base with all parts up to one (how far from the front must one
go?), all on the same resampled patients.

Limits: see `negcxr.probe.transplant`; parts that fit each other may do nothing alone.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.methods import BY, Draws, corrected
from negcxr.measure.intervals import mean_over, paired_difference
from negcxr.measure.retrieval import auroc_draws
from negcxr.models.encoder import DualEncoder
from negcxr.probe.transplant import text_parts, transplanted, weight_changes
from negcxr.results import Estimate
from negcxr.text.prompts import Prompt
from negcxr.text.relevance import prompt_relevance

POLARITIES = ("affirmed", "denied", "composite")
MOST = 0.9  # of a gain
COLUMNS = ("part", "moved", "polarity", "kind", "value", "low", "high", "p")


def transplants(
    gallery: Gallery, tuned: DualEncoder, prompts: Sequence[Prompt], sampling: Sampling
) -> pd.DataFrame:
    """What each part of a tuned text tower gains alone, and what is lost without it.

    Returns:
        A row a part, polarity and kind (``gained alone``: base with the part, less base;
        ``lost without``: tuned, less tuned with the base's part; ``gained up to here``:
        base with this part and all before it, less base): moved, value, low, high in
        AUROC, p, p_holm over the rows of a polarity.
    """
    base, parts = gallery.encoder, text_parts(gallery.encoder)
    asked = [prompt for prompt in prompts if prompt.polarity in POLARITIES]
    before, after = (_draws(gallery, e, asked, sampling) for e in (base, tuned))
    moved = weight_changes(base, tuned).set_index("part")["moved"]
    rows = []
    for place, part in enumerate(parts, start=1):
        alone, without, up_to = (
            _draws(gallery, transplanted(base, tuned, brought), asked, sampling)
            for brought in ([part], [p for p in parts if p != part], parts[:place])
        )
        pairs = {
            "gained alone": (alone, before),
            "lost without": (after, without),
            "gained up to here": (up_to, before),
        }
        about = {"part": part, "moved": moved[part]}
        rows += [about | row for kind in pairs for row in _rows(kind, *pairs[kind])]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    by_polarity = [corrected(block) for _, block in table.groupby("polarity", sort=False)]
    return pd.concat(by_polarity).sort_index()


def transplants_of(
    gallery: Gallery,
    tuned: Mapping[str, DualEncoder],
    prompts: Sequence[Prompt],
    sampling: Sampling,
) -> pd.DataFrame:
    """`transplants` of several methods, with a first column ``side`` that names them."""
    tables = [
        transplants(gallery, encoder, prompts, sampling).assign(side=name)
        for name, encoder in tuned.items()
    ]
    columns = ["side", *COLUMNS, "p_holm"]
    return pd.concat(tables)[columns] if tables else pd.DataFrame(columns=columns)


def holding_parts(moved: pd.DataFrame, polarity: str = "denied") -> pd.DataFrame:
    """By method, the part that is needed most, and how far from the front the gain goes.

    What is lost without the part that is needed most is the largest of several, so it is
    a little too large.

    Returns:
        side; gain, the whole change of AUROC with its ends; needed, the part without which
        most is lost, and lost with its ends; front, the first part up to which ``MOST`` of
        the gain is there. Both parts are "none" where the gain is not above zero for sure.
    """
    rows = []
    asked = moved[moved["polarity"] == polarity]
    for side, block in asked.groupby("side", sort=False):
        without = block[block["kind"] == "lost without"]
        up_to = block[block["kind"] == "gained up to here"]
        whole, most = up_to.iloc[-1], without.loc[without["value"].idxmax()]
        there = up_to.loc[up_to["value"] >= MOST * whole["value"], "part"]
        won = whole["low"] > 0
        row = {"side": side, **_renamed(whole, "gain")}
        row |= {"needed": most["part"] if won else "none", **_renamed(most, "lost")}
        rows.append(row | {"front": there.iloc[0] if won else "none"})
    ends = [f"{name}{end}" for name in ("gain", "lost") for end in ("", "_low", "_high")]
    columns = ["side", *ends[:3], "needed", *ends[3:], "front"]
    return pd.DataFrame(rows, columns=columns)


def _renamed(row: pd.Series, name: str) -> dict[str, float]:
    return {name: row["value"], f"{name}_low": row["low"], f"{name}_high": row["high"]}


def transplant_numbers(moved: pd.DataFrame, n: int) -> dict[str, Estimate]:
    """As numbers of a result, the most that one part gains alone and that is lost without.

    Returns:
        ``most_gained_alone_<method>`` and ``most_lost_without_<method>``, of denied AUROC,
        the note naming the part.
    """
    found = {}
    asked = moved[moved["polarity"] == "denied"]
    for kind in ("gained alone", "lost without"):
        for side, block in asked[asked["kind"] == kind].groupby("side", sort=False):
            most = block.loc[block["value"].idxmax()]
            name = f"most_{kind}_{side}".replace(" ", "_").replace("-", "_")
            ends = {key: float(most[key]) for key in ("value", "low", "high")}
            found[name] = Estimate(**ends, n=n, note=str(most["part"]))
    return found


def _rows(
    kind: str, first: Mapping[str, Draws], second: Mapping[str, Draws]
) -> Iterator[dict[str, object]]:
    for polarity in first:
        found = paired_difference(first[polarity], second[polarity])
        ends = {"value": found.value, "low": found.low, "high": found.high, "p": found.p}
        yield {"polarity": polarity, "kind": kind} | ends


def _draws(
    gallery: Gallery, encoder: DualEncoder, prompts: Sequence[Prompt], sampling: Sampling
) -> dict[str, Draws]:
    """Mean AUROC by polarity; texts by the encoder, images as the gallery has them."""
    # Straight from the encoder: rows of a mixed tower are asked for once, never again.
    rows = encoder.encode_texts([prompt.text for prompt in prompts]).astype(np.float64)
    fields = pd.DataFrame([prompt.model_dump() for prompt in prompts])
    groups = list(fields.groupby(list(BY), sort=False).indices.values())
    cosines = rows @ gallery.rows.T
    scores = np.stack([cosines[members].mean(axis=0) for members in groups])
    first = [prompts[members[0]] for members in groups]
    relevance = prompt_relevance(
        first, gallery.dataset.findings, gallery.relevance, gallery.dataset.sides
    )
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    draws = auroc_draws(scores, relevance, gallery.patients, **how)
    polarities = np.array([prompt.polarity for prompt in first])
    asked = [name for name in POLARITIES if (polarities == name).any()]
    return {name: mean_over(draws[polarities == name]) for name in asked}
