"""Reports that differ from others by their denials alone.

Idea: reports that deny every absent finding are written once, and of their denials a share
is kept. What is kept is drawn by a stream of its own, so a report that keeps a twentieth
says all that it says, and more denials, where it keeps a fifth; what it affirms is the same
to the letter. So two trainings differ by what is denied, and by nothing else.

Limits: only a sentence that denies one finding and says nothing else can be left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from negcxr.data.reports import Report, Sentence, Statement, worded, words
from negcxr.errors import InputError

RATION = 3  # a stream of its own, beside those that write reports and draw batches


class Ration(NamedTuple):
    """Which denials of reports are kept, and in which words.

    Attributes:
        share: Of the denials, in [0, 1].
        cues: By which those that are kept deny, as often as each other has weight; empty
            leaves them as they were written.
    """

    share: float = 1.0
    cues: tuple[str, ...] = ()


def rationed(reports: Sequence[Report], ration: Ration, seed: int = 0) -> list[Report]:
    """The same reports with a share of their denials, by some cues alone.

    Raises:
        InputError: The share is no chance, a cue is none that reports are written with, or
            a denial shares its sentence with another claim.
    """
    refuse_unusable(ration)
    if ration == Ration():
        return list(reports)
    return [
        _rationed(report, ration, np.random.default_rng([seed, RATION, i]))
        for i, report in enumerate(reports)
    ]


def refuse_unusable(ration: Ration) -> None:
    """Refuse a share that is no chance, and a cue that reports are not written with.

    Raises:
        InputError: As said.
    """
    if not 0 <= ration.share <= 1:
        raise InputError(f"share of denials is {ration.share}; allowed: 0 to 1")
    known = [cue["cue"] for cue in words()["denied"]]
    for cue in ration.cues:
        if cue not in known:
            raise InputError(f"cue {cue!r} is not known; choose of {', '.join(known)}")


def _rationed(report: Report, ration: Ration, rng: np.random.Generator) -> Report:
    drawn = rng.random((len(report.sentences), 3))  # as many whatever is kept
    kept = []
    for sentence, (lot, which, how) in zip(report.sentences, drawn, strict=True):
        if not any(claim.polarity == "denied" for claim in sentence.statements):
            kept.append(sentence)
        elif lot < ration.share:
            kept.append(_reworded(_denial(sentence), ration.cues, which, how))
    return Report(tuple(kept))


def _denial(sentence: Sentence) -> Statement:
    if len(sentence.statements) > 1:
        raise InputError(
            f"{sentence.text!r} makes {len(sentence.statements)} claims, so its denial "
            "cannot be left out alone; allowed: a bias whose scope is 0"
        )
    return sentence.statements[0]


def _reworded(
    claim: Statement, cues: tuple[str, ...], which: float, how: float
) -> Sentence:
    """A denial by one of these cues, chosen by two numbers of [0, 1)."""
    if not cues:
        return Sentence(claim.text, (claim,))
    options = [cue for cue in words()["denied"] if cue["cue"] in cues]
    upto = np.cumsum([cue["weight"] for cue in options])
    chosen = options[int(np.searchsorted(upto, which * upto[-1], side="right"))]
    form = chosen["texts"][int(how * len(chosen["texts"]))]
    name = words()["findings"][claim.finding]["phrase"]
    said = claim._replace(text=worded(form, claim.finding, name), cue=chosen["cue"])
    return Sentence(said.text, (said,))
