"""Ways to score images against prompts, each of one signature.

``encoder`` is the encoder. ``parsing rule`` is its rival that needs no training: read
the cue, take it away, and subtract the score of what it denies. The rest of ``SCORERS``
are blind baselines, each deaf or blind to one thing, so that a measure they do well on is
known not to need that thing. Further rivals are in ``negcxr.chapters.readers``.
"""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float

from negcxr.chapters.galleries import Gallery
from negcxr.chapters.readers import READERS, Reader
from negcxr.errors import InputError
from negcxr.text.cues import strip_cue
from negcxr.text.prompts import Prompt
from negcxr.text.relevance import prompt_relevance

Scores = Float[np.ndarray, "prompt image"]
ABSENCES = ("denied", "equivalent", "scope")  # polarities that ask for an absence


def stripped(gallery: Gallery, prompts: Sequence[Prompt]) -> Scores:
    """The encoder made deaf by hand: the cue is taken out of the prompt."""
    return gallery.cosines([strip_cue(prompt.text) for prompt in prompts])


def label_prior(gallery: Gallery, prompts: Sequence[Prompt]) -> Scores:
    """How common each prompt's claim is, the same for every image: all are tied."""
    share = {
        finding: np.nanmean(np.append(column, 0.5))  # 0.5 stands for no label at all
        for finding, column in zip(
            gallery.dataset.findings, gallery.relevance.T, strict=True
        )
    }
    prior = [
        1 - share[p.finding] if p.polarity in ABSENCES else share[p.finding]
        for p in prompts
    ]
    return np.repeat(np.array(prior)[:, None], len(gallery.rows), axis=1)


def oracle(gallery: Gallery, prompts: Sequence[Prompt]) -> Scores:
    """Whoever knows the labels and hears the cue: the best that can be."""
    findings, sides = gallery.dataset.findings, gallery.dataset.sides
    known = prompt_relevance(list(prompts), findings, gallery.relevance, sides)
    return np.nan_to_num(known, nan=0.5)


def deaf_oracle(gallery: Gallery, prompts: Sequence[Prompt]) -> Scores:
    """Whoever knows the labels and is deaf to the cue: counts the findings named.

    An equivalent has no cue to be deaf to, so it is understood.
    """
    columns = {finding: i for i, finding in enumerate(gallery.dataset.findings)}
    known = np.nan_to_num(gallery.relevance, nan=0.5).T
    named = [[columns[f] for f in (p.finding, p.other) if f] for p in prompts]
    signs = [-1.0 if p.polarity == "equivalent" else 1.0 for p in prompts]
    heard = zip(signs, named, strict=True)
    return np.stack([sign * known[places].sum(axis=0) for sign, places in heard])


def view(gallery: Gallery, prompts: Sequence[Prompt]) -> Scores:
    """The view alone: AP films first for what is there, last for what is not."""
    ap = (gallery.dataset.table["view"] == "AP").to_numpy(dtype=float)
    signs = np.array([-1.0 if p.polarity in ABSENCES else 1.0 for p in prompts])
    return signs[:, None] * ap


Scorer = Callable[[Gallery, Sequence[Prompt]], Scores]
SCORERS: dict[str, Scorer] = {
    "encoder": READERS["encoder"],
    "parsing rule": READERS["parsing rule"],
    "cue stripped": stripped,
    "label prior": label_prior,
    "deaf oracle": deaf_oracle,
    "oracle": oracle,
    "view alone": view,
}


def scorer(name: str | Reader) -> Scorer:
    """A scorer by its name; a reader of texts is one itself.

    Raises:
        InputError: There is none of that name; the message lists those there are.
    """
    if isinstance(name, Reader):
        return name
    known = SCORERS | READERS
    if name not in known:
        raise InputError(f"scorer {name!r} is not known; choose of {', '.join(known)}")
    return known[name]
