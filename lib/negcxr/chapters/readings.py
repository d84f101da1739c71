"""How well denials are read in real sentences that people have judged.

Idea: a reader of denials is an instrument, and what it says of thousands of sentences is
worth what it is worth on some whose answer is known. Sentences that occur twice are drawn
together when resampled, since a reader is right about both or about neither.

Limits: the judged sentences are of discharge summaries and reports of all kinds, and our
list of cues was written with them at hand; so what our reader reaches on them is an upper
end, and negspacy's terms come from the same school.
"""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.queries import as_estimate
from negcxr.measure.agreement import MEASURES, agreement_draws, chance_of_agreement
from negcxr.measure.intervals import holm, paired_difference, summarise
from negcxr.results import Estimate
from negcxr.text.cues import cues_in
from negcxr.text.denials import NEGSPACY, OURS, negspacy_cues, readers
from negcxr.text.mentions import places

ABSENT = "not evaluable: no judged sentences"
NO_READER = "not evaluable: negspacy is not installed"
NO_CUE = "none of its cues"


class Judged(NamedTuple):
    """Judged sentences, and what each reader says of them.

    Attributes:
        table: sentence, concept, denied (by people), and a column a reader.
        draws: By reader, each of ``MEASURES``: on the sample, then on each resample.
        left_out: Sentences in which the concept does not stand as whole words.
    """

    table: pd.DataFrame
    draws: dict[str, Float[np.ndarray, "measure draw"]]
    left_out: int


def judge(kit: pd.DataFrame, sampling: Sampling) -> Judged:
    """Ask every reader that is there of every judged sentence.

    Args:
        kit: Columns sentence, concept and denied; no row where there is no kit.
    """
    stands = [
        bool(places(*pair)) for pair in zip(kit["sentence"], kit["concept"], strict=True)
    ]
    table = kit.loc[stands, ["sentence", "concept", "denied"]].reset_index(drop=True)
    for name, reader in readers().items():
        pairs = zip(table["sentence"], table["concept"], strict=True)
        table[name] = np.array([reader(*pair) for pair in pairs], dtype=bool)
    left_out = len(kit) - len(table)
    return Judged(table, {} if table.empty else _draws(table, sampling), left_out)


def kit_table(judged: Judged) -> pd.DataFrame:
    """Each measure of each reader: reader, measure, value, low, high, chance, n."""
    n, chance = len(judged.table), _chance(judged)
    rows = [
        {"reader": name, "measure": measure, **summarise(row)._asdict()}
        | {"chance": chance.get(measure, np.nan), "n": n}
        for name, draws in judged.draws.items()
        for measure, row in zip(MEASURES, draws, strict=True)
    ]
    columns = ["reader", "measure", "value", "low", "high", "chance", "n"]
    return pd.DataFrame(rows, columns=columns)


def kit_difference(judged: Judged) -> pd.DataFrame:
    """Our reader minus negspacy on the same resamples; p by Holm over the measures.

    Returns:
        measure, value, low, high, p, p_holm; no row where a reader is missing.
    """
    columns = ["measure", "value", "low", "high", "p"]
    if not {OURS, NEGSPACY} <= judged.draws.keys():
        return pd.DataFrame(columns=[*columns, "p_holm"])
    pairs = zip(judged.draws[OURS], judged.draws[NEGSPACY], strict=True)
    rows = [paired_difference(*pair)[:4] for pair in pairs]
    table = pd.DataFrame(rows, columns=columns[1:])
    table.insert(0, "measure", list(MEASURES))
    return table.assign(p_holm=holm(table["p"].to_numpy(dtype=float)))


def errors_by_cue(judged: Judged) -> pd.DataFrame:
    """Where each reader is wrong, by its own cues in the sentence.

    A sentence with several cues counts under each of them.

    Returns:
        reader, cue, n sentences, missed (denied and not read so), invented (read as
        denied and not so), the most wrong first; cues that never mislead are left out.
    """
    parts = [
        _errors(judged.table, name, find)
        for name, find in FINDERS.items()
        if name in judged.table
    ]
    columns = ["reader", "cue", "n", "missed", "invented"]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)


def misread(judged: Judged, least: int = 3) -> pd.DataFrame:
    """The shortest judged sentences that each reader gets wrong, to be quoted.

    Returns:
        reader, sentence, concept, people (denied or affirmed).
    """
    rows = []
    for name in judged.draws:
        wrong = judged.table[judged.table[name] != judged.table["denied"]]
        wrong = wrong.drop_duplicates("sentence")
        shortest = wrong["sentence"].str.len().sort_values(kind="stable").index[:least]
        people = np.where(wrong.loc[shortest, "denied"], "denied", "affirmed")
        told = wrong.loc[shortest, ["sentence", "concept"]].assign(people=people)
        rows.append(told.assign(reader=name))
    columns = ["reader", "sentence", "concept", "people"]
    return pd.concat(rows)[columns] if rows else pd.DataFrame(columns=columns)


def our_cues(sentence: str) -> tuple[str, ...]:
    """The cues of our list that deny in a sentence."""
    return tuple(cue.cue for cue in cues_in(sentence) if cue.kind == "denial")


FINDERS: dict[str, Callable[[str], tuple[str, ...]]] = {
    OURS: our_cues,
    NEGSPACY: negspacy_cues,
}


def kit_numbers(judged: Judged) -> dict[str, Estimate]:
    """Each measure of each reader, and ours minus negspacy, as numbers of a result.

    Returns:
        ``kit_<measure>_our_cues``, ``_negspacy`` and ``_difference``.
    """
    n, chance = len(judged.table), _chance(judged)
    found = {"kit_left_out": Estimate(value=judged.left_out, n=n + judged.left_out)}
    for i, measure in enumerate(MEASURES):
        draws = {name: rows[i] for name, rows in judged.draws.items()}
        for name in (OURS, NEGSPACY):
            key = f"kit_{measure}_{name.replace(' ', '_')}"
            found[key] = (
                as_estimate(draws[name], n=n, chance=chance.get(measure))
                if name in draws
                else missing(n)
            )
        both = {OURS, NEGSPACY} <= draws.keys()
        found[f"kit_{measure}_difference"] = (
            as_estimate(draws[OURS] - draws[NEGSPACY], n=n) if both else missing(n)
        )
    return found


def missing(n: int, absent: str = ABSENT) -> Estimate:
    """A number that cannot be had: without text, or else without negspacy."""
    return Estimate(value=None, n=n, note=NO_READER if n else absent)


def _draws(table: pd.DataFrame, sampling: Sampling) -> dict[str, np.ndarray]:
    names = list(readers())
    said = table[names].to_numpy(dtype=bool).T
    truth = np.stack([table["denied"].to_numpy(dtype=bool)] * len(names))
    clusters = table["sentence"].str.split().str.join(" ").to_numpy(dtype=str)
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    draws = agreement_draws(said, truth, clusters, **how)
    return dict(zip(names, draws, strict=True))


def _chance(judged: Judged) -> dict[str, float]:
    denied = judged.table["denied"]
    return chance_of_agreement(float(denied.mean())) if len(denied) else {}


def _errors(
    table: pd.DataFrame, name: str, find: Callable[[str], tuple[str, ...]]
) -> pd.DataFrame:
    seen, missed, invented = Counter(), Counter(), Counter()
    for sentence, denied, said in table[["sentence", "denied", name]].itertuples(False):
        for cue in set(find(sentence)) or {NO_CUE}:
            seen[cue] += 1
            missed[cue] += denied and not said
            invented[cue] += said and not denied
    found = pd.DataFrame({"n": seen, "missed": missed, "invented": invented})
    found = found.rename_axis("cue").reset_index().assign(reader=name)
    wrong = found["missed"] + found["invented"]
    return found[wrong > 0].sort_values(["missed", "invented", "cue"], ascending=False)
