"""A sentence encoder that never saw an image, put through every look inside.

Idea: what a checkpoint does with "no" may be what any reader of text does. So a general
sentence encoder is asked the same questions as the checkpoints, with real reports in the
place of images: a prompt should find reports of patients that have, or have not, what it
says. Where the encoder or the reports are not there, every table is empty.

Limits: a report is words about a finding and no picture of it, so the contrast between
reports with and without a finding is in part one of wording; and few findings are common
enough among the reports to be asked about.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.attribution import attributed, drawn_prompts, side_measures
from negcxr.chapters.attribution_changes import attribution_changes
from negcxr.chapters.galleries import Sampling
from negcxr.chapters.geometry import change_table, layout
from negcxr.chapters.groups import BASE
from negcxr.chapters.head_auroc import POLARITIES, asked_of, drawn, mean_auroc
from negcxr.chapters.heads import Plan, passing, sweep_side
from negcxr.chapters.linear import probe_sides
from negcxr.chapters.placed_texts import placed
from negcxr.chapters.probe_changes import probe_changes
from negcxr.chapters.probe_texts import probe_texts
from negcxr.chapters.real_space import measure_all, place_all, space_table
from negcxr.chapters.real_text import RealText
from negcxr.chapters.reports_side import reports_side
from negcxr.chapters.shown_sentences import shown_prompts, token_table
from negcxr.chapters.sides import Side, contrasts
from negcxr.chapters.trace_changes import trace_changes
from negcxr.chapters.tracing import INWARD, shared_pairs, state_effects, trace_sides
from negcxr.data import fetch
from negcxr.measure.intervals import summarise
from negcxr.models.sentence import load_sentence_tower
from negcxr.probe.linear import Probing
from negcxr.text.pairs import load_pairs
from negcxr.text.prompts import Prompt
from negcxr.text.vocabulary import Words

ENCODER, SHOWN = "minilm", "sentence encoder"
NULLS = 1  # random subspaces for each head: together they are a dozen a layer
NEAREST = 4  # texts that are asked of a text: a finding has so many other affirmed ones
NUMBERS = ("look", "measure", "value", "low", "high", "chance", "n")
HEADS = ("side", "polarity", "layer", "head", "value", "low", "high", "p_holm", "passes")
STATES = ("side", "where", "place", "value", "low", "high")
TOKENS = ("sentence", "side", "token", "value")


class Looks(NamedTuple):
    """What every look inside a sentence encoder finds; empty where there was none.

    Attributes:
        numbers: A row a number: look, measure, value with its ends, chance, n (of
            reports, texts, pairs of sentences or heads).
        heads: Effect of each head on denied and affirmed prompts.
        states: Causal effects of states by layer and place.
        tokens: What each token of the shown sentences adds.
    """

    numbers: pd.DataFrame
    heads: pd.DataFrame
    states: pd.DataFrame
    tokens: pd.DataFrame


class Asked(NamedTuple):
    """What a sentence encoder is asked.

    Attributes:
        prompts: Of the side's findings.
        words: Of the side's findings.
        frames: The file of pairs of sentences to trace; see `negcxr.text.pairs`.
        sentences: Real ones, drawn in pairs; see `negcxr.chapters.drawn_sentences`.
        n_prompts: Denied prompts whose words are attributed.
        n_tests: Resamples behind the test of each head.
    """

    prompts: Sequence[Prompt]
    words: Mapping[str, Words]
    frames: str
    sentences: pd.DataFrame
    n_prompts: int
    n_tests: int


def sentence_sides(text: RealText, *, n: int, findings: int, seed: int) -> list[Side]:
    """The sentence encoder with reports in the place of images; none where one is lacking.

    Args:
        n: Reports that are drawn; 0 takes all.
        findings: So many that most of the drawn reports have are asked about.
    """
    if not fetch.is_there(ENCODER) or text.reports.empty or text.gold.empty:
        return []
    tower = load_sentence_tower(fetch.fetched(ENCODER))
    side = reports_side(tower, text.reports, text.gold, n=n, seed=seed)
    common = np.argsort(-np.nansum(side.relevance, axis=0), kind="stable")[:findings]
    chosen = np.sort(common)
    names = tuple(side.findings[place] for place in chosen)
    return [side._replace(name=BASE, relevance=side.relevance[:, chosen], findings=names)]


def findings_of(sides: Sequence[Side], otherwise: Sequence[str]) -> list[str]:
    """The findings that the encoder is asked about; where there is none, others."""
    return list(sides[0].findings) if sides else list(otherwise)


def look_inside(sides: Sequence[Side], asked: Asked, sampling: Sampling) -> Looks:
    """Every look inside, of one sentence encoder or of none."""
    if not sides:
        parts = (NUMBERS, HEADS, STATES, TOKENS)
        return Looks(*(pd.DataFrame(columns=list(names)) for names in parts))
    (side,) = sides
    plan = Plan("mean", asked.n_tests, NULLS, sampling.seed)
    swept = sweep_side(side, asked.prompts, plan)
    pairs, _ = shared_pairs(sides, load_pairs(asked.words, asked.frames))
    traced = trace_sides(sides, pairs)
    tables = {
        "retrieval": _retrieval(side, asked, sampling),
        "attribution": _attribution(side, asked, sampling),
        "geometry": _geometry(side, asked, sampling),
        "heads": _counts(passing([swept], plan.kind)),
        "tracing": trace_changes(traced, sampling).assign(n=len(pairs)),
        "probes": _probes(side, asked, sampling),
        "real sentences": _real(side, asked, sampling),
    }
    effects = swept.effects[swept.effects["kind"] == plan.kind]
    states = state_effects(traced, sampling, INWARD)
    shown = (effects, states, _tokens(side, asked))
    return Looks(_joined(tables), *(table.assign(side=SHOWN) for table in shown))


def _joined(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = [table.assign(look=look) for look, table in tables.items()]
    return pd.concat(rows).reindex(columns=list(NUMBERS)).reset_index(drop=True)


def _retrieval(side: Side, asked: Asked, sampling: Sampling) -> pd.DataFrame:
    """Mean AUROC over reports, of affirmed and of denied prompts."""
    known = asked_of(side, asked.prompts)
    rows = side.tower.encode_texts(known.texts)[None]
    again = drawn(known, sampling.n_resamples, sampling.seed)
    found = mean_auroc(known, rows, again)
    return pd.DataFrame(
        {"measure": f"{name} AUROC", "chance": 0.5, "n": len(side.rows)}
        | summarise(found[name][0].astype(float))._asdict()
        for name in POLARITIES
    )


def _attribution(side: Side, asked: Asked, sampling: Sampling) -> pd.DataFrame:
    some = drawn_prompts(
        asked.prompts, contrasts(side), n=asked.n_prompts, seed=sampling.seed
    )
    found = side_measures(attributed(side, some, asked.words), sampling)
    return attribution_changes({side.name: found}).assign(n=len(some))


def _geometry(side: Side, asked: Asked, sampling: Sampling) -> pd.DataFrame:
    texts = placed(side, asked.prompts, POLARITIES)
    table = change_table({side.name: layout(side, texts, sampling._replace(k=NEAREST))})
    return table.assign(n=len(texts.rows))


def _probes(side: Side, asked: Asked, sampling: Sampling) -> pd.DataFrame:
    texts = probe_texts(asked.prompts)
    probed = probe_sides([side], texts, Probing(seed=sampling.seed))
    return probe_changes(probed, sampling).assign(n=len(texts.texts))


def _real(side: Side, asked: Asked, sampling: Sampling) -> pd.DataFrame:
    known = place_all([side], asked.sentences, asked.prompts)
    return space_table(measure_all(known, sampling), len(asked.sentences))


def _counts(found: pd.DataFrame) -> pd.DataFrame:
    """How many heads pass their test, as numbers without an interval."""
    names = "heads that pass on " + found["polarity"]
    return pd.DataFrame(
        {"measure": names, "value": found["pass"].astype(float), "n": found["heads"]}
    )


def _tokens(side: Side, asked: Asked) -> pd.DataFrame:
    shown = shown_prompts("", "", asked.words, contrasts(side))
    return token_table([attributed(side, shown, asked.words)])
