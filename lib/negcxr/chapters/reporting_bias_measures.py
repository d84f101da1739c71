"""What one training has learnt: how it ranks, how it chooses, and how it moves a text.

Idea: every training is asked the same prompts and the same items of the same phantoms, on
the same resamples, so that two trainings are compared draw by draw. What is asked of texts
alone needs no phantom and has no draws.

Limits: a probe that reads polarity says that it is there, not that a score uses it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from negcxr.chapters.choices import asked_items
from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.polarity import BOTH, asked_in, mean_rows, polarity_draws
from negcxr.chapters.probe_texts import ProbeTexts, probe_texts
from negcxr.chapters.queries import ask
from negcxr.measure.choice import accuracy_draws, choice_credit
from negcxr.measure.crossed import ordering_draws
from negcxr.measure.intervals import mean_over
from negcxr.measure.polarity import row_cosines
from negcxr.probe.linear import held_out_scores
from negcxr.probe.splits import asked_in as part_of
from negcxr.probe.splits import folds, parts
from negcxr.probe.subspace import denial_differences, effective_rank, group_means
from negcxr.text.choices import Item
from negcxr.text.cues import strip_cue
from negcxr.text.prompts import Prompt

PENALTY, N_FOLDS = 100.0, 4  # of the probe, as in the chapter on probes
Draws = Float[np.ndarray, " draw"]
OUTER = {  # measures of phantoms, and what an uninformed model earns
    "affirmed AUROC": 0.5,
    "denied AUROC": 0.5,
    "gap": 0.0,
    "denied choice": 0.25,
    "right signs": 0.5,
    "cue effect": 0.0,
}
INNER = {  # measures of texts alone
    "polarity read": 0.5,
    "cosine to denial": np.nan,
    "cue weight": 0.0,
    "directions": np.nan,
}


class Measured(NamedTuple):
    """One training's numbers.

    Attributes:
        outer: Draws by measure.
        cues: Draws of denied AUROC by the cue of the prompts.
        inner: Numbers of texts alone, by measure.
    """

    outer: Mapping[str, Draws]
    cues: Mapping[str, Draws]
    inner: Mapping[str, float]


def measured(
    gallery: Gallery,
    prompts: Sequence[Prompt],
    items: Sequence[Item],
    sampling: Sampling,
) -> Measured:
    """Everything that is asked of one training.

    Args:
        prompts: A set with affirmed and denied ones.
        items: Four-way items of the gallery's images.
    """
    polar = [prompt for prompt in prompts if prompt.polarity in BOTH]
    denied = [prompt for prompt in polar if prompt.polarity == "denied"]
    found = ask(gallery, polar, ["polarity", "finding"], sampling=sampling)
    by_cue = ask(gallery, denied, ["cue", "finding"], sampling=sampling)
    deaf = ask(gallery, denied, ["finding"], sampling=sampling, name="cue stripped")
    yes, no = (mean_over(found.where(polarity=name)) for name in BOTH)
    signs = polarity_draws(gallery, polar, sampling)["sign_correctness"]
    outer = {
        "affirmed AUROC": yes,
        "denied AUROC": no,
        "gap": yes - no,
        "denied choice": denied_choice(gallery, items, sampling),
        "right signs": mean_over(signs),
        "cue effect": no - mean_over(deaf.draws),
    }
    names = dict.fromkeys(prompt.cue for prompt in denied)
    cues = {cue: mean_over(by_cue.where(cue=cue)) for cue in names}
    return Measured(outer, cues, inner_numbers(gallery, polar))


def denied_choice(gallery: Gallery, items: Sequence[Item], sampling: Sampling) -> Draws:
    """Share of the four-way items whose true option denies that were answered right."""
    chosen = [item for item in items if item.type == "denied"]
    if not chosen:
        return np.full(sampling.n_resamples + 1, np.nan)
    asked = asked_items(gallery, chosen)
    credit = choice_credit(asked.scores, asked.answers)[None]
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    return accuracy_draws(credit, asked.patients, **how)[0]


def inner_numbers(gallery: Gallery, polar: Sequence[Prompt]) -> dict[str, float]:
    """What the text tower makes of a cue, before any image is seen.

    Returns:
        ``polarity read``: AUROC within a finding of a linear probe of rows, fitted to other
        findings. ``cosine to denial``: of a finding's mean rows. ``cue weight``: see
        `cue_weight`. ``directions``: how many ways denial goes, as many as findings at
        most.
    """
    texts = probe_texts(polar)
    rows = gallery.texts(texts.texts)
    places = asked_in(gallery, polar, BOTH)
    means = (mean_rows(gallery, polar, name, places) for name in BOTH)
    moves, moved = denial_differences(rows, texts.where("affirmed"), texts.findings)
    return {
        "polarity read": polarity_read(rows, texts),
        "cosine to denial": float(row_cosines(*means).mean()),
        "cue weight": cue_weight(gallery, polar),
        "directions": effective_rank(group_means(moves, texts.findings[moved])),
    }


def polarity_read(rows: Float[np.ndarray, "text dim"], texts: ProbeTexts) -> float:
    """AUROC within a finding of a probe of affirmed against denied rows of other findings.

    Every wording is known to the probe: how far knowing the wordings goes is what the
    control of the chapter on probes says. 1/2 where nothing is read.
    """
    labels, one = texts.where("affirmed"), np.zeros(len(rows), int)
    held_out = parts(folds(texts.findings, one, N_FOLDS), fit=texts.polar)
    scores = held_out_scores(rows, labels, held_out, PENALTY)
    _, finding = np.unique(texts.findings, return_inverse=True)
    within = finding * (1 + len(rows)) + part_of(held_out, len(rows))
    once = texts.drawn(Sampling(0, 0))
    return float(ordering_draws(once, scores, labels, within)[0])


def cue_weight(gallery: Gallery, polar: Sequence[Prompt]) -> float:
    """How far the cue moves a denied prompt, by how far another finding would.

    The mean distance of a denied prompt's row to that of the same prompt without its cue,
    over the mean distance of prompts of one wording about two findings. 0 to one who is
    deaf, 1 where the cue weighs as much as the name of the finding.

    Returns:
        At least 0; NaN where no two findings are told apart.
    """
    denied = [prompt for prompt in polar if prompt.polarity == "denied"]
    rows = gallery.texts([prompt.text for prompt in denied])
    bare = gallery.texts([strip_cue(prompt.text) for prompt in denied])
    names = np.array([prompt.template for prompt in denied])
    apart = [_mean_distance(rows[names == name]) for name in np.unique(names)]
    far = np.mean(apart)
    return float(np.linalg.norm(rows - bare, axis=1).mean() / far) if far else np.nan


def _mean_distance(rows: Float[np.ndarray, "text dim"]) -> float:
    one, other = np.triu_indices(len(rows), 1)
    return float(np.linalg.norm(rows[one] - rows[other], axis=1).mean()) if len(one) else 0
