"""Captions from reports: what an image's own report says, as far as it can be checked.

A report is what somebody chose to say of one image, in the words that people write. Of
what it says, a hedge has no truth and is not used, nor is what the labels contradict or
leave open. Cues and wordings that are kept for the tests are left out too, though people
write them. What is opposed to a caption still comes from the labels.

A statement that names details (a side, a zone, a size, a kind of device) says more than
labels know. It is so of the images whose own reports say it; of other images with the
finding it is unknown, and of those without it labels decide.

Limits: what no report denies is never denied here, however often it is absent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from negcxr.data.labels import PRESENT
from negcxr.data.reporting import Claims
from negcxr.data.reports import Statement
from negcxr.data.truth import Sign
from negcxr.errors import InputError
from negcxr.finetune.pool import Pool
from negcxr.finetune.statements import TRAINING, WANTS, held_out
from negcxr.reading import read_yaml
from negcxr.text.prompts import PROMPT_SETS, Prompt
from negcxr.text.templates import slug


@dataclass(frozen=True)
class ReportedPool(Pool):
    """A pool in which an image's captions are statements of its own report.

    Attributes:
        told: What each image may have for a caption.
        detailed: For each statement that names details, by its id, the images whose
            reports say it.
    """

    told: Sequence[Sequence[Prompt]]
    detailed: Mapping[str, Int[np.ndarray, " image"]]

    def truth(
        self, statements: Sequence[Prompt], images: Sequence[int]
    ) -> Float[np.ndarray, "image statement"]:
        """As of any pool; NaN of images that have the finding, but perhaps otherwise."""
        true = super().truth(statements, images)
        for place, statement in enumerate(statements):
            if statement.id in self.detailed:
                column = self.judged.findings.index(statement.finding)
                has = self.judged.relevance[images, column] == PRESENT
                said = np.isin(images, self.detailed[statement.id])
                true[has & ~said, place] = np.nan
        return true

    def caption(
        self, image: int, true: Bool[np.ndarray, " statement"], rng: np.random.Generator
    ) -> Prompt | None:
        """A statement of a polarity drawn by its share, among those the report has."""
        said = self.told[image]
        has = [name for name in self.shares if any(s.polarity == name for s in said)]
        if not has:
            return None
        shares = np.array([self.shares[name] for name in has])
        chosen = has[rng.choice(len(has), p=shares / shares.sum())]
        can = [statement for statement in said if statement.polarity == chosen]
        return can[rng.integers(len(can))]


def reported(pool: Pool, reports: Iterable[Claims]) -> ReportedPool:
    """A pool whose captions are what the report of each of its images says.

    Raises:
        InputError: No report says anything that can be a caption.
    """
    said = [
        [claim for claim in report if _borne_out(claim, pool, image)]
        for image, report in enumerate(reports)
    ]
    distinct = {claim: _as_prompt(claim) for claims in said for claim in claims}
    out = dict(zip(distinct, _kept_for_tests(list(distinct.values())), strict=True))
    told = [[distinct[claim] for claim in claims if not out[claim]] for claims in said]
    if not any(told):
        raise InputError(
            f"none of {len(said)} reports says anything {' or '.join(pool.shares)} that is "
            "true by the labels, in words that are not kept for tests"
        )
    detailed: dict[str, list[int]] = {}
    for image, claims in enumerate(said):
        for claim in claims:
            if claim.sign != Sign():
                detailed.setdefault(distinct[claim].id, []).append(image)
    own = {name: np.array(images) for name, images in detailed.items()}
    known = {field.name: getattr(pool, field.name) for field in fields(pool)}
    return ReportedPool(**known, told=told, detailed=own)


def _borne_out(claim: Statement, pool: Pool, image: int) -> bool:
    """Whether a claim is of a polarity that captions have, and true by the labels."""
    if claim.polarity not in pool.shares or claim.finding not in pool.judged.findings:
        return False
    column = pool.judged.findings.index(claim.finding)
    return pool.judged.relevance[image, column] == WANTS[claim.polarity][0]


def _as_prompt(claim: Statement) -> Prompt:
    return Prompt(
        id="/".join((slug(claim.finding), claim.polarity, "report", slug(claim.text))),
        finding=claim.finding,
        polarity=claim.polarity,
        cue=claim.cue,
        text=claim.text,
    )


def _kept_for_tests(told: Sequence[Prompt]) -> list[bool]:
    """Which statements deny by a cue, or affirm in a wording, that is held out."""
    frames = _affirmed(*PROMPT_SETS.glob("*.yml")) - _affirmed(TRAINING)
    return [
        unseen
        if statement.polarity == "denied"
        else any(fnmatchcase(statement.text, frame) for frame in frames)
        for statement, unseen in zip(told, held_out(told), strict=True)
    ]


def _affirmed(*paths: Path) -> set[str]:
    """Affirmed wordings of these files, a star in each slot."""
    entries = [entry for path in paths for entry in read_yaml(path)["prompts"]]
    return {
        entry["text"].format(finding="*", **{"is": "*"})
        for entry in entries
        if entry["polarity"] == "affirmed"
    }
