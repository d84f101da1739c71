"""Which images a prompt should bring, and which contradict it.

What a prompt claims and what is judged of an image together decide whether the image
is relevant. An image that cannot help to judge a prompt leaves its gallery (NaN):

=============== ================================ =================================
polarity        gallery                          relevant where
=============== ================================ =================================
affirmed        judged for the finding           it is present
denied          judged for the finding           it is absent
equivalent      judged for the finding           it is absent
double-negation judged for the finding           it is present
composite       has the finding, judged for      the other is absent
                the other
scope           lacks the near item, judged for  the far item is absent
                the far one
side            has the finding on one side      that is the other side
hedged          none                             a hedge has no truth
=============== ================================ =================================

A composite "A without B" is asked among images that have A, because among all images
the score of A alone does better than a rule that listens, and deafness would be
rewarded. A scope "no A or B" is asked among images that lack A, so that only the far
item B can tell them apart.

Limits: an equivalent is taken for the denial of its finding, though it may say more.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Shaped

from negcxr.errors import InputError
from negcxr.shapes import checked
from negcxr.text.templates import Prompt

NOT_JUDGED = np.nan


@checked
def prompt_relevance(
    prompts: Sequence[Prompt],
    findings: Sequence[str],
    relevance: Float[np.ndarray, "image finding"],
    sides: Shaped[np.ndarray, "image finding"] | None = None,
) -> Float[np.ndarray, "prompt image"]:
    """Whether each image is what each prompt asks for.

    Args:
        findings: Names of the columns.
        relevance: 1 present, 0 absent, NaN not judged.
        sides: left, right, both, or blank where no side is known. Without it a side
            prompt has no gallery.

    Returns:
        1 relevant, 0 not, NaN outside the prompt's gallery.

    Raises:
        InputError: A prompt is for a finding that has no column.
    """
    rows = [_relevant(prompt, findings, relevance, sides) for prompt in prompts]
    return np.array(rows, dtype=np.float64).reshape(len(prompts), len(relevance))


@checked
def prompt_contradiction(
    prompts: Sequence[Prompt],
    findings: Sequence[str],
    relevance: Float[np.ndarray, "image finding"],
    sides: Shaped[np.ndarray, "image finding"] | None = None,
) -> Float[np.ndarray, "prompt image"]:
    """Whether each image is judged to be what a prompt rules out.

    For a composite: it has the excluded finding, whatever else it has, among all images
    judged for both. For the others it is the opposite of relevance.

    Args:
        findings: Names of the columns.
        relevance: 1 present, 0 absent, NaN not judged.
        sides: left, right, both, or blank where no side is known.

    Returns:
        1 contradicts the prompt, 0 does not, NaN not judged.

    Raises:
        InputError: A prompt is for a finding that has no column.
    """
    rows = 1 - prompt_relevance(prompts, findings, relevance, sides)
    for row, prompt in enumerate(prompts):
        if prompt.polarity == "composite":
            has, excluded = _pair(prompt, findings, relevance)
            rows[row] = np.where(np.isnan(has), NOT_JUDGED, excluded)
    return rows


def _relevant(
    prompt: Prompt,
    findings: Sequence[str],
    relevance: Float[np.ndarray, "image finding"],
    sides: Shaped[np.ndarray, "image finding"] | None,
) -> Float[np.ndarray, " image"]:
    has = relevance[:, _column(prompt.finding, prompt, findings)]
    match prompt.polarity:
        case "affirmed" | "double-negation":
            return has
        case "denied" | "equivalent":
            return 1 - has
        case "composite":
            has, excluded = _pair(prompt, findings, relevance)
            return np.where(has == 1, 1 - excluded, NOT_JUDGED)
        case "scope":
            far, near = _pair(prompt, findings, relevance)
            return np.where(near == 0, 1 - far, NOT_JUDGED)
        case "side" if sides is not None:
            side = sides[:, _column(prompt.finding, prompt, findings)]
            one_sided = (has == 1) & np.isin(side, ("left", "right"))
            return np.where(one_sided, side != prompt.side, NOT_JUDGED)
    return np.full(len(relevance), NOT_JUDGED)


def _pair(
    prompt: Prompt, findings: Sequence[str], relevance: Float[np.ndarray, "image finding"]
) -> tuple[Float[np.ndarray, " image"], Float[np.ndarray, " image"]]:
    return (
        relevance[:, _column(prompt.finding, prompt, findings)],
        relevance[:, _column(prompt.other, prompt, findings)],
    )


def _column(name: str, prompt: Prompt, findings: Sequence[str]) -> int:
    if name not in findings:
        known = ", ".join(findings)
        raise InputError(f"prompt {prompt.id}: no labels for {name!r}; there are: {known}")
    return list(findings).index(name)
