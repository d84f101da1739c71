"""The texts that probes are fitted to, and those that part a word from what it means.

Idea: probes are fitted to affirmed and denied prompts. An equivalent says without a cue
that a finding is absent, its sign says in the same form that it is present, and a double
negation says with the words of a denial that it is present. Whoever reads the word "no"
goes wrong on all three; whoever reads absence does not.

Limits: equivalents and signs are other phrases than any affirmed or denied prompt, with
other words; so one is always compared with the other.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Shaped

from negcxr.chapters.galleries import Sampling
from negcxr.errors import InputError
from negcxr.measure.crossed import Drawn, crossed_weights, factor
from negcxr.text.prompts import Prompt
from negcxr.text.signs import sign_for

POLAR = ("affirmed", "denied")
SAYS = {  # of the finding, by kind; a composite says both, of two findings
    "affirmed": "present",
    "denied": "absent",
    "equivalent": "absent",
    "sign": "present",
    "double-negation": "present",
    "hedged": "present",
    "scope": "absent",
    "side": "absent",
    "composite": "both",
}
Names = Shaped[np.ndarray, " text"]


class ProbeTexts(NamedTuple):
    """The texts of a study of probes: affirmed and denied ones first, then all others.

    Attributes:
        texts: What a tower reads.
        findings: That each is about.
        kinds: Keys of ``SAYS``.
        wordings: Templates.
        families: Wordings whose cues share a word; for all but denied texts, wordings.
        n_polar: Affirmed and denied ones.
    """

    texts: list[str]
    findings: Names
    kinds: Names
    wordings: Names
    families: Names
    n_polar: int

    @property
    def polar(self) -> Bool[np.ndarray, " text"]:
        """Whether a text is affirmed or denied."""
        return np.isin(self.kinds, POLAR)

    def where(self, kind: str) -> Bool[np.ndarray, " text"]:
        """Whether a text is of a kind."""
        return self.kinds == kind

    def drawn(self, sampling: Sampling) -> Drawn:
        """How often each text is drawn; families within their kind."""
        ways = factor(self.findings), factor(self.families, self.kinds)
        how = {"n_resamples": sampling.n_resamples, "seed": sampling.seed}
        return crossed_weights(*ways, **how)


def probe_texts(prompts: Sequence[Prompt]) -> ProbeTexts:
    """The texts that probes are fitted to and asked, with a sign beside each equivalent.

    Raises:
        InputError: The prompts lack affirmed or denied ones.
    """
    cues = {prompt.cue for prompt in prompts if prompt.polarity == "denied"}
    rows = sorted(_rows(prompts, cues), key=lambda row: row[2] not in POLAR)
    missing = [name for name in POLAR if name not in {row[2] for row in rows}]
    if missing:
        raise InputError(
            f"no {missing[0]} prompt; a probe is fitted to affirmed and denied ones"
        )
    texts, *names = zip(*rows, strict=True)
    findings, kinds, wordings, families = map(np.array, names)
    n_polar = int(np.isin(kinds, POLAR).sum())
    return ProbeTexts(list(texts), findings, kinds, wordings, families, n_polar)


def _rows(prompts: Sequence[Prompt], cues: set[str]) -> Iterator[tuple[str, ...]]:
    for prompt in prompts:
        kind = prompt.polarity
        wording = f"{kind}/{prompt.template}"
        denied = kind == "denied"
        family = f"{kind}/{cue_family(prompt.cue, cues)}" if denied else wording
        yield prompt.text, prompt.finding, kind, wording, family
        sign = sign_for(prompt.text) if kind == "equivalent" else ""
        if sign:
            yield sign, prompt.finding, "sign", wording, family


def cue_family(cue: str, cues: set[str]) -> str:
    """The shortest cue whose words all stand in this one, in their order: often itself.

    Example:
        >>> cue_family("no evidence of", {"no", "free of", "no evidence of"})
        'no'
    """
    inner = [other for other in cues if f" {other} " in f" {cue} "]
    return min(inner, key=lambda other: (len(other), other), default=cue)
