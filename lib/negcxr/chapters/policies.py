"""The same scores judged under every policy, beside a reference that is not a guess.

Idea: a policy moves no score, only which images count as right. So one set of images and
one set of resamples serves all policies, and what two of them have in common cancels in
their difference.

The reference is the truth where a data set knows it. Then labels are first made poorer:
phantoms are labelled as a labeller would read their reports, see
`negcxr.data.habits`. Elsewhere the labels stay as they are and the reference is the run's
own policy, which is a habit and no truth: a number that agrees with it may still be wrong.

Limits: six readings and a truth are compared, not all that labels could be taken for.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.queries import Queries, ask
from negcxr.data.habits import HABITS, as_reported, knows_truth
from negcxr.data.labels import POLICIES
from negcxr.text.prompts import Prompt

SCORERS = ("encoder", "parsing rule")
BLIND = ("cue stripped", "view alone")  # only their place in the order is asked
ASKED = ("affirmed", "denied", "composite")
MEASURES = (*ASKED, "gap")
TRUTH, GIVEN = "truth", "labels as given"
BY = ("polarity", "finding", "other")


class Judged(NamedTuple):
    """One gallery under one policy, and what each scorer reaches in it."""

    labels: str  # whose labels the policy reads
    policy: str  # or "truth"
    gallery: Gallery
    queries: Mapping[str, Queries]  # by scorer


class Policies(NamedTuple):
    """Every labelling under every policy, and the one that they are held against."""

    judged: tuple[Judged, ...]
    reference: Judged

    @property
    def first(self) -> tuple[Judged, ...]:
        """The policies over the first labelling alone."""
        return tuple(one for one in self.judged if one.labels == self.judged[0].labels)

    @property
    def compared(self) -> tuple[Judged, ...]:
        """The same, and the truth where it is known."""
        known = self.reference.labels == TRUTH
        return (*self.first, self.reference) if known else self.first


def ask_policies(
    gallery: Gallery, prompts: Sequence[Prompt], sampling: Sampling
) -> Policies:
    """Ask affirmed, denied and composite prompts under every policy, and the reference.

    Of a data set that knows the truth, every habit of `negcxr.data.habits.HABITS` makes
    labels of its own, drawn by ``sampling.seed``.
    """
    asked = [prompt for prompt in prompts if prompt.polarity in ASKED]
    judged, names = [], (*SCORERS, *BLIND)
    for labels, poorer in _labellings(gallery, sampling.seed):
        for policy in POLICIES:
            one = Judged(labels, policy, _under(poorer, policy), {})
            judged.append(_asked(one, asked, names, sampling=sampling))
        names = SCORERS[:1]  # of further labels only the encoder's moves are told
    if knows_truth(gallery.dataset):
        known = Judged(TRUTH, TRUTH, _under(gallery), {})
        reference = _asked(known, asked, (*SCORERS, *BLIND), sampling=sampling)
    else:
        reference = next(one for one in judged if one.policy == gallery.policy)
    return Policies(tuple(judged), reference)


def _labellings(gallery: Gallery, seed: int) -> Iterator[tuple[str, Gallery]]:
    if not knows_truth(gallery.dataset):
        yield GIVEN, gallery
        return
    for habit in HABITS:
        poorer = as_reported(gallery.dataset, habit, seed)
        yield habit, dataclasses.replace(gallery, dataset=poorer)


def _under(gallery: Gallery, policy: str = "") -> Gallery:
    policy = policy or gallery.dataset.policy
    judged = gallery.dataset.relevance(policy)
    return dataclasses.replace(gallery, policy=policy, relevance=judged)


def _asked(
    one: Judged, prompts: Sequence[Prompt], names: Iterable[str], *, sampling: Sampling
) -> Judged:
    queries = {}
    for name in names:
        how = sampling._replace(n_resamples=0) if name in BLIND else sampling
        queries[name] = ask(one.gallery, prompts, BY, sampling=how, name=name)
    return one._replace(queries=queries)
