"""The paper's claims beside what this study found, as directions alone.

Only the abstract and summaries of the paper are public to us, so no number of its can be
compared. What can be is a direction, and an interval decides whether it is seen.
"""

import fnmatch
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from negcxr.book.answers import Results
from negcxr.book.numbers import full
from negcxr.book.site import Site
from negcxr.figures import small_table
from negcxr.results import Estimate

UNTESTED = "not tested by any run here"


class Claim(NamedTuple):
    """A claim of the paper, and the scalar that would show its direction.

    A scalar with a ``*`` is one of several, told apart by what the star stands for: a base,
    or a polarity and a base.
    """

    text: str
    notebook: str
    scalar: str
    middle: float = 0.0  # the value that would mean neither direction
    above: bool = True  # whether a value above the middle agrees with the claim


CLAIMS = (
    Claim(
        "Affirmed prompts are ranked better than denied ones", "10_retrieval", "auroc_gap"
    ),
    Claim(
        "A denied prompt returns images that have what it denies",
        "10_retrieval",
        "denied_auroc",
        middle=0.5,
        above=False,
    ),
    Claim(
        "Fine-tuning in batches (CON1) helps a little on denied prompts",
        "29_comparison",
        "con1_denied_change_*",
    ),
    Claim(
        "Oppositions and distractor images (CON2) help more than CON1",
        "29_comparison",
        "con2_minus_con1_*_*",
    ),
    Claim(
        "Fine-tuning costs a little on affirmed prompts",
        "29_comparison",
        "con2_affirmed_change_*",
        above=False,
    ),
    Claim(
        "After CON2, token attribution shows more weight on the cue",
        "30_attribution",
        "cue_share_change_con2",
    ),
    Claim(
        "After CON2, affirmed and denied prompts lie apart in a t-SNE map",
        "31_geometry",
        "polarity_purity_change_con2",
    ),
    Claim(
        "Some attention heads of the text encoder matter for denial",
        "32_heads",
        "top_head_effect_*",
    ),
)


def claims_table(site: Site, run: str) -> str:
    """A row for each claim and run that tests it, as an include."""
    runs = [run, *(name for name in site.runs() if name != run)]
    results = {name: site.results(name) for name in runs}
    rows = [row for claim in CLAIMS for row in _rows(claim, results)]
    caption = "The paper's claims, and the direction that each run shows"
    return f"{small_table(pd.DataFrame(rows), caption)}\n"


def verdict(claim: Claim, known: Estimate) -> str:
    """Which way the interval points: agrees, disagrees, or neither for certain."""
    if known.low is None or known.high is None:
        return known.note
    if known.low > claim.middle:
        return "direction agrees" if claim.above else "direction disagrees"
    if known.high < claim.middle:
        return "direction disagrees" if claim.above else "direction agrees"
    return "undecided: the interval holds both"


def _rows(claim: Claim, results: dict[str, Results]) -> Iterator[dict[str, str]]:
    tested = False
    for run, of_run in results.items():
        for where, known in _known(claim, run, of_run):
            tested = True
            yield _row(claim.text, where, full(known), verdict(claim, known))
    if not tested:
        yield _row(claim.text, "none", "\N{EN DASH}", UNTESTED)


def _known(claim: Claim, run: str, results: Results) -> Iterator[tuple[str, Estimate]]:
    """Every number of a run that tells of a claim, and what it is of."""
    if claim.notebook not in results:
        return
    scalars, stem = results[claim.notebook].scalars, claim.scalar.partition("*")[0]
    for name in fnmatch.filter(scalars, claim.scalar):
        of = name.removeprefix(stem).replace("_", " ")
        yield f"{run}: {of}" if of else run, scalars[name]


def _row(claim: str, run: str, number: str, said: str) -> dict[str, str]:
    return {"claim": claim, "run": run, "value": number, "what we see": said}
