"""What the reports of every level say, counted, before anything is trained on them.

Idea: a rate that was asked for is only worth what the reports hold. So denials are counted
in the very reports that are trained on, and the cues that they use are named.

Limits: of the first seed alone; the others have other phantoms and the same rates.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from negcxr.chapters.reporting_bias import Level
from negcxr.data.claims import tabulate
from negcxr.data.phantoms import truths
from negcxr.data.rationing import rationed
from negcxr.data.reports import Report
from negcxr.data.truth import World
from negcxr.finetune.corpus import rates, write_reports
from negcxr.finetune.recipe import Recipe
from negcxr.results import Estimate


def said_table(recipes: Mapping[tuple[Level, int], Recipe]) -> pd.DataFrame:
    """A row a level: what its reports say, beside what was asked for.

    Returns:
        objective, rate, cues; denied % (of absent findings), statement % and sentence %
        (of them, that deny), affirmed and denied (statements a report), by (cues found).
    """
    first = next(seed for _, seed in recipes)
    of_seed = {level: one for (level, seed), one in recipes.items() if seed == first}
    recipe = next(iter(of_seed.values()))
    known = truths(recipe.seed, "train", range(recipe.images), World())
    absent = int((~tabulate(known).present).sum())
    written = write_reports(known, recipe.reporting())
    each = {level: rationed(written, one.ration()) for level, one in of_seed.items()}
    return pd.DataFrame(_said(level, told, absent) for level, told in each.items())


def _said(level: Level, reports: Sequence[Report], absent: int) -> dict[str, object]:
    claims = [claim for report in reports for claim in report.statements]
    denials = [claim for claim in claims if claim.polarity == "denied"]
    shares = rates(reports)
    return {
        **level._asdict(),
        "denied %": 100 * len(denials) / absent,
        "statement %": 100 * shares["statement"],
        "sentence %": 100 * shares["sentence"],
        "affirmed": (len(claims) - len(denials)) / len(reports),
        "denied": len(denials) / len(reports),
        "by": ", ".join(sorted({claim.cue for claim in denials})) or "none",
    }


def absent_share(recipes: Mapping[tuple[Level, int], Recipe]) -> Estimate:
    """How often a finding is absent, whatever is said: what a denial has to add to.

    Of all pairs of a phantom and a finding that were trained on. A denial here is always
    true, so hearing it raises the chance of absence from this share to 1.
    """
    recipe = next(iter(recipes.values()))
    known = truths(recipe.seed, "train", range(recipe.images), World())
    present = tabulate(known).present
    return Estimate(value=float(1 - present.mean()), n=present.size)
