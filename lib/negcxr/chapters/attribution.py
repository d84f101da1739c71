"""What each part of a prompt adds to the contrast of its finding, on every side.

Idea: the target of a prompt is the contrast of the finding that it names; of a composite,
of the finding that it excludes. A model that hears "no" gives the cue a share against the
finding's; one that is deaf gives it nothing. Shares are told by their size, which says how
much a part does at all, and with their sign, which says which way.

Beside them stands the *cue effect*, the target of the prompt less that with its cue blank:
no shares are needed for it, and it is what the cue's shares have to bear out.

Limits: a mean over prompts of these wordings, cut into parts by a reader of cues. Findings
are drawn again for the intervals, as prompts about one finding are not two witnesses.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.chapters.sides import Side, contrasts
from negcxr.errors import InputError
from negcxr.measure.effects import effect_draws, mean_draws
from negcxr.probe.attribution import Shares, integrated_gradients
from negcxr.probe.places import TOKEN_PARTS, TokenPart, token_parts
from negcxr.probe.targets import whole_effects
from negcxr.text.prompts import Prompt
from negcxr.text.vocabulary import Words

POLARITIES = ("affirmed", "denied", "composite")
FEWER = 3  # of the others, a prompt for so many denied ones
# Of which polarity, which column, and what it is divided by (means, not ratios).
MEASURES: dict[str, tuple[str, str, str]] = {
    "cue share": ("denied", "cue_share", ""),
    "finding share": ("denied", "finding_share", ""),
    "signed cue": ("denied", "cue_signed", ""),
    "signed finding": ("denied", "finding_signed", ""),
    "cue effect": ("denied", "cue_effect", ""),
    "cue effect by finding": ("denied", "cue_effect", "finding_effect"),
    "cue by baseline": ("denied", "spread", ""),
    "composite signed cue": ("composite", "cue_signed", ""),
    "composite cue effect": ("composite", "cue_effect", ""),
}


class Attributed(NamedTuple):
    """Prompts of one side with the shares of their tokens.

    Attributes:
        side: Whose text tower it is.
        prompts: In the order of all that follows.
        vectors: The contrast that each is attributed to.
        parts: Of each token of each prompt.
        shares: Against all words blank.
        table: A row a prompt: id, text, polarity, finding (whose contrast it is), of
            each part its share of the sizes and its sum with sign, score (the target),
            blank (that with all words blank), whole (the difference), cue_effect,
            finding_effect (what the words beside the cue bring), spread (how far the
            cue's shares miss its effect), delta, bound, steps.
    """

    side: Side
    prompts: list[Prompt]
    vectors: np.ndarray
    parts: list[list[TokenPart]]
    shares: list[Shares]
    table: pd.DataFrame


def target_finding(prompt: Prompt) -> str:
    """The finding whose contrast a prompt is asked about: what its cue denies, if any."""
    return prompt.other if prompt.polarity == "composite" else prompt.finding


def drawn_prompts(
    prompts: Sequence[Prompt], known: Collection[str], *, n: int, seed: int
) -> list[Prompt]:
    """So many denied prompts, and a third as many affirmed and composite ones.

    Args:
        known: Findings that have a contrast; prompts about others are left out.
        n: Denied prompts; all where there are fewer.

    Raises:
        InputError: There is no denied prompt, or ``n`` is below 1.
    """
    if n < 1:
        raise InputError(f"n_prompts is {n}, allowed is 1 or more")
    rng, found = np.random.default_rng(seed), []
    for polarity in POLARITIES:
        own = [p for p in prompts if p.polarity == polarity and target_finding(p) in known]
        wanted = n if polarity == "denied" else -(-n // FEWER)
        taken = rng.permutation(len(own))[:wanted]
        found += [own[place] for place in sorted(taken)]
    if not any(prompt.polarity == "denied" for prompt in found):
        raise InputError(
            f"no denied prompt about a finding with a contrast: {', '.join(known)}; "
            "choose a prompt set that has some"
        )
    return found


def attributed(
    side: Side, prompts: Sequence[Prompt], words: Mapping[str, Words]
) -> Attributed:
    """The shares of all tokens of some prompts, on one side.

    Args:
        words: For the findings that the prompts name.

    Raises:
        InputError: A finding has no contrast, or the shares of a prompt do not sum.
    """
    tower, known = side.tower, contrasts(side)
    texts = [prompt.text for prompt in prompts]
    vectors = np.array([_contrast(known, side, p) for p in prompts])
    parts = [token_parts(tower, prompt.text, _phrases(prompt, words)) for prompt in prompts]
    shares = integrated_gradients(tower, texts, vectors)
    scores = np.einsum("td,td->t", tower.encode_texts(texts), vectors)
    effects = _cue_effects(side, texts, vectors, parts)
    table = pd.DataFrame(map(_row, prompts, parts, shares))
    table = table.assign(
        score=scores,
        blank=scores - table["whole"],
        cue_effect=effects,
        finding_effect=table["whole"] - effects,
        spread=(table["cue_signed"] - effects).abs(),
    )
    return Attributed(side, list(prompts), vectors, parts, shares, table)


def _contrast(known: Mapping[str, np.ndarray], side: Side, prompt: Prompt) -> np.ndarray:
    finding = target_finding(prompt)
    if finding not in known:
        raise InputError(
            f"{side.name}, prompt {prompt.id}: {finding!r} has no contrast; findings that "
            f"have one: {', '.join(known)}"
        )
    return known[finding]


def _phrases(prompt: Prompt, words: Mapping[str, Words]) -> list[str]:
    return [words[name].phrase for name in (prompt.finding, prompt.other) if name]


def _cue_effects(
    side: Side, texts: list[str], vectors: np.ndarray, parts: list[list[TokenPart]]
) -> np.ndarray:
    """The target less that without the cue; NaN where there is no cue."""
    cues = [np.array(own) == "cue" for own in parts]
    effects = whole_effects(side.tower, texts, vectors, cues)
    return np.where([own.any() for own in cues], effects, np.nan)


def _row(prompt: Prompt, parts: list[TokenPart], shares: Shares) -> dict[str, object]:
    sizes, own = abs(shares.values), np.array(parts)
    total = sizes.sum() or np.nan
    return {
        **{"id": prompt.id, "text": prompt.text, "polarity": prompt.polarity},
        **{"finding": target_finding(prompt), "whole": shares.whole},
        **{f"{part}_share": sizes[own == part].sum() / total for part in TOKEN_PARTS},
        **{f"{part}_signed": shares.values[own == part].sum() for part in TOKEN_PARTS},
        **{"delta": shares.delta, "bound": shares.bound, "steps": shares.steps},
    }


def side_measures(found: Attributed, sampling: Sampling) -> dict[str, Draws]:
    """Each of `MEASURES` on one side: on the sample first, then on each resample.

    Signed ones are in the unit of the contrast; ``cue effect by finding`` is -1 where the
    cue takes all that the other words bring, and below -1 where it turns it round.
    """
    return {name: _draws(found.table, sampling, *where) for name, where in MEASURES.items()}


def _draws(
    table: pd.DataFrame, sampling: Sampling, polarity: str, column: str, by: str
) -> Draws:
    block = table[table["polarity"] == polarity]
    how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
    values, findings = block[[column]].to_numpy(dtype=float).T, block["finding"].tolist()
    if by:
        return effect_draws(values, block[by].to_numpy(dtype=float), findings, **how)[0]
    return mean_draws(values, findings, **how)[0]
