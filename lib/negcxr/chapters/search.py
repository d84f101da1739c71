"""A search among methods, and the goals that its winner is held to.

Idea: candidates are measured on validation images, the winner is picked by a rule that
is written down, and only then is it measured on the test images.

Limits: a winner among many owes some of its lead to luck on the validation images; its
numbers on the test images do not.
"""

from collections.abc import Sequence

import pandas as pd

from negcxr.chapters.contrasts import Contrast
from negcxr.chapters.groups import BASE, RULE, Group, rewritten
from negcxr.chapters.methods import MEASURES

BEST = "no-price"
MARGIN = 0.005  # AUROC that counts as none: of a price, and of being below the rule
HELD_OUT = 0.02  # AUROC by which held-out cues may stay behind trained ones
WON = ("denied", "composite", "denied-held-out", "scope", "double-negation", "equivalent")
# Held-out cues choose nothing, or they would be held out no longer.
CHOOSE = ("denied-trained", "composite", "scope", "double-negation", "equivalent")


def goals(method: str = BEST) -> tuple[Contrast, ...]:
    """What is asked of our own method, each as a difference with a bound."""
    found = [
        Contrast(
            f"rule_{name.replace('-', '_')}",
            f"Not below the parsing rule: {name}",
            (method, name),
            (RULE, name),
            bound=-MARGIN,
        )
        for name in ("denied", "composite")
    ]
    found += [
        Contrast(
            f"rule_{name.replace('-', '_')}",
            f"Above the parsing rule: {name}",
            (method, name),
            (RULE, name),
        )
        for name in WON[2:]
    ]
    price = Contrast(
        "price",
        "Affirmed prompts keep what they had",
        (method, "affirmed"),
        (BASE, "affirmed"),
        bound=-MARGIN,
    )
    elsewhere = Contrast(
        "price_held_out",
        "Affirmed prompts in held-out wordings keep what they had",
        (method, "affirmed-held-out"),
        (BASE, "affirmed-held-out"),
        bound=-MARGIN,
    )
    apart = Contrast(
        "held_out_gap",
        "Held-out cues are near trained ones",
        (method, "denied-held-out"),
        (method, "denied-trained"),
        bound=-HELD_OUT,
    )
    return (*found, price, elsewhere, apart, *_rewritten_goals(method))


def _rewritten_goals(method: str) -> tuple[Contrast, ...]:
    """What is asked of the same weights where the reader of cues puts the question."""
    return tuple(
        Contrast(
            f"rewritten_rule_{name.replace('-', '_')}",
            f"Above the parsing rule, rewritten: {name}",
            (rewritten(method), name),
            (RULE, name),
        )
        for name in ("denied-held-out", "double-negation")
    )


def against(first: str, second: str, measures: Sequence[str]) -> tuple[Contrast, ...]:
    """One scorer less another, measure by measure."""
    stem = f"{first}_minus_{second}".replace("-", "_").replace(" ", "_")
    return tuple(
        Contrast(
            f"{stem}_{name.replace('-', '_')}",
            f"{first} above {second}: {name}",
            (first, name),
            (second, name),
        )
        for name in measures
    )


def ranked(groups: Sequence[Group], table: pd.DataFrame) -> pd.DataFrame:
    """The candidates of a search, best first, by the rule that picks the winner.

    Of the candidates that cost nothing on affirmed prompts, on every base (the whole
    interval of their change lies above minus ``MARGIN``), the one with the highest score
    is picked: the mean of the measures in ``CHOOSE`` over them and over the bases. Scores
    within ``MARGIN`` of the highest count as equal, and of equals the first in the
    groups' order is picked. Where every candidate costs something, all may be.

    Args:
        groups: A group a base, measured on validation images.
        table: ``measures_of`` these groups.

    Returns:
        method, score, price (the lowest end of the affirmed change on any base), bases
        (how many there are of it), free (whether it costs nothing), picked.
    """
    names = dict.fromkeys(name for group in groups for name in group.methods)
    rows = [_candidate(name, table[table["scorer"] == name]) for name in names]
    columns = ["method", "score", "price", "bases", "free"]
    found = pd.DataFrame(rows, columns=columns)
    found = found.sort_values(
        ["bases", "free", "score"], ascending=False, kind="stable", ignore_index=True
    )
    alike = found.merge(found[["bases", "free"]].head(1))
    equal = set(alike[alike["score"] >= alike["score"].max() - MARGIN]["method"])
    picked = next((name for name in names if name in equal), "")
    return found.assign(picked=found["method"] == picked)


def _candidate(name: str, table: pd.DataFrame) -> dict[str, object]:
    won = table[table["measure"].isin(CHOOSE)]["value"]
    price = table[table["measure"] == "affirmed"]["change_low"].min()
    return {
        "method": name,
        "score": won.mean(),
        "price": price,
        "bases": table["group"].nunique(),
        "free": bool(price > -MARGIN),
    }


def ablations(table: pd.DataFrame, method: str = BEST) -> pd.DataFrame:
    """The rows of a method and of those that lack one of its ingredients.

    Those are named after it: ``no-price-`` and what is left out.
    """
    own = (table["scorer"] == method) | table["scorer"].str.startswith(f"{method}-")
    return table[own & table["measure"].isin(MEASURES)]
