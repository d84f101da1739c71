"""One form for every data set: a row an image, four-valued labels, pixels on demand.

Whatever a data set looks like on disk, the study sees this: a table, labels, and an
object that opens the image of a row. All checks that do not need pixels are made when a
data set is built, so that none of them waits for the middle of a run.

Limits: a patient is known by its identifier alone; two identifiers of one person pass.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from negcxr.data import checks
from negcxr.data import labels as four_valued
from negcxr.data.images import ImageRows, Images
from negcxr.data.reporting import Claims, ReportRows
from negcxr.data.sections import SectionRows, Sections
from negcxr.data.withheld import as_terms_allow
from negcxr.errors import InputError

COLUMNS = ("image", "patient", "view", "split")
KINDS = ("phantoms", "films", "images")


class Request(NamedTuple):
    """What is asked of a reader of a data set.

    ``load_dataset`` cuts the split and draws the images afterwards, so a reader may
    ignore all but ``root``; a renderer uses the rest to make no more than is asked for.
    """

    root: Path | None
    split: str
    n_images: int
    seed: int


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their patients, views, splits and labels.

    Attributes:
        name: What the study calls it.
        kind: ``phantoms``, ``films``, or ``images`` where nobody said which.
        table: A row an image: image, patient, view, split; age and sex where known.
        findings: Names of the labels' columns, CheXpert's where it has one.
        labels: 1 present, 0 absent, -1 uncertain, NaN unmentioned.
        policy: The policy that is used where none is asked for.
        images: Opens the image of a row.
        terms: Licence and citation in one line.
        shows_images: Whether the terms let an image stand on a page.
        sides: Of a finding that is present: left, right or both; empty where unknown.
        reports: What the report of each image claims, where there are reports.
        sections: The report of each image by section, in its own words, where there is one.
        credentialed: Whether the terms forbid that a row of it leaves the machine.
    """

    name: str
    kind: str
    table: pd.DataFrame
    findings: tuple[str, ...]
    labels: Float[np.ndarray, "image finding"]
    policy: str
    images: Images
    terms: str
    shows_images: bool
    sides: Shaped[np.ndarray, "image finding"] | None = None
    reports: Sequence[Claims] | None = None
    sections: Sections | None = None
    credentialed: bool = False

    def __post_init__(self) -> None:
        """Check all that needs no pixels, and make the arrays read-only."""
        with as_terms_allow(self):
            self._check_table()
        self._check_names()
        four_valued.refuse_unknown_labels(self.labels, self.findings, source=self.name)
        object.__setattr__(self, "labels", _locked(self.labels))
        if self.sides is not None:
            checks.refuse_unknown_sides(
                self.sides, self.labels.shape, self.findings, source=self.name
            )
            object.__setattr__(self, "sides", _locked(self.sides))
        if self.reports is not None:
            checks.refuse_missing_reports(self.reports, len(self), source=self.name)

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.table)

    def take(self, rows: Sequence[int]) -> "Dataset":
        """These rows, in the order given.

        Raises:
            InputError: A row does not exist or is named twice, or none is named.
        """
        chosen = np.asarray(rows, dtype=np.int64)
        outside = chosen[(chosen < 0) | (chosen >= len(self))]
        if outside.size:
            raise InputError(
                f"{self.name}: no row {outside[0]}; rows are 0-{len(self) - 1}"
            )
        return replace(
            self,
            table=self.table.iloc[chosen].reset_index(drop=True),
            labels=self.labels[chosen],
            images=ImageRows.of(self.images, chosen),
            sides=None if self.sides is None else self.sides[chosen],
            reports=None if self.reports is None else ReportRows.of(self.reports, chosen),
            sections=self.sections and SectionRows.of(self.sections, chosen),
        )

    def in_split(self, split: str) -> "Dataset":
        """The images of one split; ``all`` keeps every one.

        Raises:
            InputError: No image is in this split; the message lists the splits there are.
        """
        if split == "all":
            return self
        rows = np.flatnonzero(self.table["split"] == split)
        if not rows.size:
            known = ", ".join(sorted(self.table["split"].unique()))
            raise InputError(
                f"{self.name}: no split {split!r}; choose one of: {known}, all"
            )
        return self.take(rows)

    def sample(self, n: int, seed: int) -> "Dataset":
        """``n`` images drawn without replacement, in the order of the table.

        All of them where ``n`` is 0 or there are no more than ``n``.

        Raises:
            InputError: ``n`` is below 0.
        """
        if n < 0:
            raise InputError(f"n_images is {n}; allowed: 0 for all, or a number above 0")
        if n == 0 or n >= len(self):
            return self
        rows = np.random.default_rng(seed).choice(len(self), size=n, replace=False)
        return self.take(np.sort(rows))

    def relevance(self, policy: str = "") -> Float[np.ndarray, "image finding"]:
        """Which image has which finding, under ``policy`` or the data set's own.

        Returns:
            1 present, 0 absent, NaN not judged.
        """
        return four_valued.relevance(self.labels, policy or self.policy)

    def fingerprint(self) -> str:
        """A hash of table, labels, sides, reports and pixels: equal where all of them are.

        The data set's name, terms and place on disk do not enter. Reads every image once.

        Returns:
            SHA-256 in hexadecimal.
        """
        digest = hashlib.sha256(repr(self.findings).encode())
        digest.update(self.table.to_csv(index=False).encode())
        digest.update(np.nan_to_num(self.labels.astype("<f8"), nan=9).tobytes())
        if self.sides is not None:
            digest.update(repr(self.sides.tolist()).encode())
        if self.reports is not None:
            digest.update(repr(list(self.reports)).encode())
        for row in range(len(self)):
            digest.update(self.images.key(row).encode())
        return digest.hexdigest()

    def _check_table(self) -> None:
        checks.require_columns(self.table, COLUMNS, source=self.name)
        checks.refuse_empty(self.table, source=self.name)
        checks.refuse_repeated_images(self.table, source=self.name)
        checks.refuse_shared_patients(self.table, source=self.name)
        shape = (len(self.table), len(self.findings))
        if self.labels.shape != shape:
            raise InputError(
                f"{self.name}: labels are {self.labels.shape}; images x findings: {shape}"
            )

    def _check_names(self) -> None:
        four_valued.named_policy(self.policy)
        if self.kind not in KINDS:
            raise InputError(
                f"{self.name}: kind {self.kind!r}; allowed: {', '.join(KINDS)}"
            )
        if self.credentialed and self.shows_images:
            raise InputError(f"{self.name}: credentialed images may stand on no page")
        if not self.findings or len(set(self.findings)) < len(self.findings):
            raise InputError(f"{self.name}: findings {self.findings} are none or repeated")


def _locked(array: np.ndarray) -> np.ndarray:
    copy = np.array(array)
    copy.setflags(write=False)
    return copy
