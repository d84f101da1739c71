"""A search among methods, and the goals that its winner is held to.

Idea: candidates are measured on validation images, the winner is picked by a rule that
is written down, and only then is it measured on the test images.

Limits: a winner among many owes some of its lead to luck on the validation images; its
numbers on the test images do not.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from negcxr.chapters.contrasts import Contrast
from negcxr.chapters.groups import BASE, BEST, RULE, Group, rewritten
from negcxr.chapters.methods import MEASURES

MARGIN = 0.005  # AUROC that counts as none: of a price, and of being below the rule
HELD_OUT = 0.02  # AUROC by which held-out cues may stay behind trained ones
WON = ("denied", "composite", "denied-held-out", "scope", "double-negation", "equivalent")
# Held-out cues choose nothing, or they would be held out no longer.
CHOOSE = ("denied-trained", "composite", "scope", "double-negation", "equivalent")


def goals(method: str = BEST) -> tuple[Contrast, ...]:
    """What is asked of our own method, each as a difference with a bound."""
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
    below = Pair("rule", "Not below the parsing rule", method, RULE, bound=-MARGIN)
    above = Pair("rule", "Above the parsing rule", method, RULE)
    # The same weights, where the reader of cues puts the question.
    again = Pair(
        "rewritten_rule", "Above the parsing rule, rewritten", rewritten(method), RULE
    )
    return (
        *below.by(WON[:2]),
        *above.by(WON[2:]),
        *(price, elsewhere, apart),
        *again.by(("denied-held-out", "double-negation")),
    )


class Pair(NamedTuple):
    """Two scorers that are held against each other, and what is claimed of them."""

    stem: str
    says: str
    first: str
    second: str
    bound: float = 0.0

    def by(self, measures: Sequence[str]) -> tuple[Contrast, ...]:
        """The claim for each of these measures."""
        return tuple(
            Contrast(
                _plain(f"{self.stem}_{name}"),
                f"{self.says}: {name}",
                (self.first, name),
                (self.second, name),
                bound=self.bound,
            )
            for name in measures
        )


def against(first: str, second: str, measures: Sequence[str]) -> tuple[Contrast, ...]:
    """One scorer less another, measure by measure."""
    stem = f"{first}_minus_{second}"
    return Pair(stem, f"{first} above {second}", first, second).by(measures)


def _plain(name: str) -> str:
    return name.replace("-", "_").replace(" ", "_")


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
