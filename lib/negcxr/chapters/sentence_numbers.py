"""What a sentence encoder was found to do, as numbers of a result and as tables to show.

Limits: a number says of how many reports, texts, pairs or heads it is, and not of what
findings; see `negcxr.chapters.sentence_encoder`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.groups import BASE
from negcxr.chapters.real_text import RealText, sources
from negcxr.chapters.sentence_encoder import ENCODER, Looks
from negcxr.chapters.side_changes import NO_INTERVAL, name_of
from negcxr.chapters.sides import Side
from negcxr.data import fetch
from negcxr.paths import at_root
from negcxr.results import Estimate, read_table

TOLD = (  # in sentences of the chapter
    *("retrieval_affirmed_auroc", "retrieval_denied_auroc"),
    *("geometry_angle", "geometry_wording_angle", "geometry_finding_angle"),
    *("real_sentences_told_by_reports", "real_sentences_told_by_prompts"),
)
CHAPTERS = {  # where the checkpoints are asked the same
    "attribution": "30_attribution",
    "geometry": "31_geometry",
    "tracing": "33_tracing",
    "probes": "34_probes",
    "real sentences": "35_real_sentences",
}
ENDS, BASE_ENDS = ("value", "low", "high"), (BASE, f"{BASE}_low", f"{BASE}_high")
NOTHING = "not measured here"


def encoder_sources(text: RealText) -> pd.DataFrame:
    """What is there of what the looks need, and how to get the rest; see `sources`."""
    here = fetch.is_there(ENCODER)
    row = {"source": "sentence encoder", "there": "yes" if here else "no"}
    row["get it by"] = "" if here else f"negcxr data fetch {ENCODER}"
    return pd.concat([pd.DataFrame([row]), sources(text)], ignore_index=True)


def numbers_of(looks: Looks, look: str) -> pd.DataFrame:
    """The numbers of one look, those without a value left out."""
    found = looks.numbers[looks.numbers["look"] == look]
    return found[found["value"].notna()].reset_index(drop=True)


def beside(looks: Looks, look: str, results: str) -> pd.DataFrame:
    """The numbers of one look with the base's own, from the chapter of this run.

    Returns:
        measure, value with its ends, base with its ends, chance; no base where the chapter
        was not run, or does not measure it.
    """
    found = numbers_of(looks, look)
    path = at_root(results) / f"{CHAPTERS[look]}.json"
    known = pd.DataFrame(columns=["measure", "side", *ENDS])
    if path.is_file():
        known = read_table(path, "changes")
    own = known[known["side"] == BASE].set_index("measure")[list(ENDS)]
    own = own.rename(columns=dict(zip(ENDS, BASE_ENDS, strict=True)))
    return found.join(own, on="measure")[["measure", *ENDS, *BASE_ENDS, "chance"]]


def look_numbers(looks: Looks, sides: Sequence[Side]) -> dict[str, Estimate]:
    """The numbers as those of a result, ``<look>_<measure>``, and what was asked.

    Those that the chapter tells in a sentence are there also where nothing was measured.
    """
    found = dict.fromkeys(TOLD, Estimate(value=None, n=0, note=NOTHING))
    for row in looks.numbers.to_dict("records"):
        ends = {end: float(row[end]) for end in ("value", "low", "high")}
        note = "" if np.isfinite(ends["low"]) else NO_INTERVAL
        known = {"chance": row["chance"]} if np.isfinite(row["chance"]) else {}
        stem = name_of(f"{row['look']} {row['measure']}")
        found[stem] = Estimate(**ends, n=int(row["n"]), note=note, **known)
    for name, n in (
        ("findings", sum(len(side.findings) for side in sides)),
        ("reports", sum(len(side.rows) for side in sides)),
    ):
        found[name] = Estimate(value=n, n=n)
    return found
