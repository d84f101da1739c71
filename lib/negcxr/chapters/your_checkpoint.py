"""The first afternoon with a checkpoint, on one that the build makes and on the run's own.

Idea: a step that a reader takes with a folder of their own is taken here with a small
folder of random weights, by the same library calls. What random weights reach on the
images at hand is not a half, as brightness and outline go with findings; so the range to
lie within is found by asking other random weights the same.

Limits: a number within the range says that the steps were gone through as here, and not
that a model is any good. The range is for each number: each lies outside once in twenty
tries by chance, and that one of several does happens more often.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t

from negcxr.chapters.choices import asked_items, choice_table
from negcxr.chapters.galleries import Gallery, Sampling, open_gallery
from negcxr.chapters.policies import ASKED, BY, MEASURES, Judged
from negcxr.chapters.policy_means import mean_table
from negcxr.chapters.queries import ask
from negcxr.data.dataset import Dataset
from negcxr.errors import InputError
from negcxr.measure.intervals import COVERAGE
from negcxr.models import load_encoder
from negcxr.models.checkpoint import CONFIG, IMAGES, SETTINGS, VOCABULARIES, WEIGHTS
from negcxr.models.practice import make_practice
from negcxr.results import Estimate
from negcxr.text.choices import four_way_items
from negcxr.text.prompts import Prompt
from negcxr.text.vocabulary import Words

ITEMS = 120  # of four-way choice
FEWEST_WEIGHTS = 5  # below, a range says more of the few seeds than of random weights
# How the practice checkpoint is measured whatever a run asks, so that a kept one fits.
PRACTICE = Sampling(n_resamples=200, seed=0)
SPREADS = {measure: (0.0, 1.0) for measure in (*ASKED, "choice")} | {"gap": (-1.0, 1.0)}
ENDS = ("value", "low", "high")
UNKNOWN = "not read"
PARTS = {
    "config": ((CONFIG,), "what kind of model it is, and its sizes"),
    "weights": ((WEIGHTS,), "the weights; pickles are refused"),
    "image processor": (IMAGES, "how an image becomes pixels of the model"),
    "tokenizer": (VOCABULARIES, "how a text becomes tokens"),
    "settings of the tokenizer": (SETTINGS, "its class, and what ends a text"),
}


def files_table(folder: Path) -> pd.DataFrame:
    """The files of a checkpoint's folder, and what each is for.

    Returns:
        name, part (empty where a file is not read), what for, bytes.
    """
    rows = []
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        part = next((name for name, (files, _) in PARTS.items() if path.name in files), "")
        meant = PARTS[part][1] if part else UNKNOWN
        size = path.stat().st_size
        rows.append({"name": path.name, "part": part, "what for": meant, "bytes": size})
    return pd.DataFrame(rows)


def reached(
    gallery: Gallery,
    prompts: Sequence[Prompt],
    words: Mapping[str, Words],
    sampling: Sampling,
) -> pd.DataFrame:
    """What an encoder reaches on a few images: mean AUROC by polarity, gap and choice.

    Returns:
        measure, value, low, high, chance, note.
    """
    asked = [prompt for prompt in prompts if prompt.polarity in ASKED]
    queries = {"encoder": ask(gallery, asked, BY, sampling=sampling)}
    means = mean_table([Judged("", gallery.policy, gallery, queries)], ["encoder"])
    findings = gallery.dataset.findings
    items = four_way_items(gallery.relevance, findings, words, n=ITEMS, seed=sampling.seed)
    choice = choice_table(asked_items(gallery, items), sampling).iloc[:1]
    table = pd.concat([means, choice.assign(measure="choice")], ignore_index=True)
    return table[["measure", *ENDS, "chance", "note"]]


def random_range(
    images: Dataset,
    prompts: Sequence[Prompt],
    words: Mapping[str, Words],
    *,
    policy: str,
    seeds: Sequence[int],
) -> pd.DataFrame:
    """Between which values random weights lie on these images, in 19 of 20 tries.

    Several seeds of weights are asked; the range is that in which one more is expected,
    by Student's t, cut off where the measure ends.

    Returns:
        measure, from, to, weights (how many seeds).

    Raises:
        InputError: Fewer than `FEWEST_WEIGHTS` seeds.
    """
    if len(seeds) < FEWEST_WEIGHTS:
        raise InputError(
            f"n_weights is {len(seeds)}; a range needs at least {FEWEST_WEIGHTS} weights"
        )
    found = [
        reached(gallery, prompts, words, Sampling(0, 0))["value"].to_numpy(dtype=float)
        for gallery in _random(images, prompts, policy, seeds)
    ]
    values, n = np.array(found), len(seeds)
    reach = t.ppf((1 + COVERAGE) / 2, n - 1) * np.sqrt(1 + 1 / n)
    middle, spread = values.mean(axis=0), values.std(axis=0, ddof=1)
    rows = []
    for place, measure in enumerate((*MEASURES, "choice")):
        ends = middle[place] - reach * spread[place], middle[place] + reach * spread[place]
        low, high = np.clip(ends, *SPREADS[measure])
        rows.append({"measure": measure, "from": low, "to": high, "weights": n})
    return pd.DataFrame(rows)


def _random(
    images: Dataset, prompts: Sequence[Prompt], policy: str, seeds: Sequence[int]
) -> Iterator[Gallery]:
    texts = [prompt.text for prompt in prompts]
    for seed in seeds:
        with tempfile.TemporaryDirectory() as scratch:
            folder = make_practice(Path(scratch, "random"), texts, seed=seed)
            yield open_gallery(load_encoder(str(folder)), images, policy)


def placed(table: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """What was reached beside the range of random weights, and where it lies.

    Returns:
        measure, value with its ends, from, to, lies ("within", "below", "above", or why
        there is no number).
    """
    both = table.merge(known, on="measure")
    lies = np.select(
        [both["value"] < both["from"], both["value"] > both["to"], both["value"].notna()],
        ["below", "above", "within"],
        default="not evaluable",
    )
    columns = ["measure", *ENDS, "from", "to"]
    return both[columns].assign(lies=lies)


def outside_number(table: pd.DataFrame) -> dict[str, Estimate]:
    """The chance that one or more of several numbers lie outside their ranges.

    Were the numbers independent; the more they go together, the rarer it is.
    """
    told = int(table["value"].notna().sum())
    note = "if the numbers were independent of each other"
    return {"one_outside": Estimate(value=1 - COVERAGE**told, n=told, note=note)}


def reached_numbers(table: pd.DataFrame, prefix: str, n: int) -> dict[str, Estimate]:
    """What was reached, as numbers of a result: ``<prefix>_<measure>``."""
    numbers = {}
    for row in table.to_dict("records"):
        note = row["note"] if isinstance(row["note"], str) else ""
        if not np.isfinite(row["low"]):
            note = note or "no interval: too few resamples"
        ends = {end: float(row[end]) for end in ENDS}
        chance = float(row["chance"])
        numbers[f"{prefix}_{row['measure']}"] = Estimate(
            **ends, n=n, chance=chance if np.isfinite(chance) else None, note=note
        )
    return numbers
