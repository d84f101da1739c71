"""What a fine-tuning is fed: training images with their statements, and a validation.

A fifth of the patients of the training split is set aside for validation, by a hash of
the patient, so that a patient is on one side whatever is drawn and whoever asks.
"""

import hashlib
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from negcxr.data.dataset import Dataset
from negcxr.data.images import Images
from negcxr.data.labels import ABSENT
from negcxr.data.registry import load_dataset
from negcxr.embed import embed_images
from negcxr.errors import InputError
from negcxr.finetune.judging import Judge, make_judge
from negcxr.finetune.methods import Method
from negcxr.finetune.pool import Pool, make_pool
from negcxr.finetune.reported import reported
from negcxr.finetune.statements import Judged, plain_statements
from negcxr.finetune.targets import Targets
from negcxr.models.encoder import DualEncoder

PARTS = 5  # of the patients; one of them validates


class TrainingData(NamedTuple):
    """Which images are trained on: of the training split of a data set.

    Attributes:
        dataset, root, policy: As a run names them.
        n_images: Images drawn from the split, validation included; 0 takes all.
        seed: Draws them.
    """

    dataset: str
    root: str = ""
    policy: str = ""
    n_images: int = 0
    seed: int = 0


class Sources(NamedTuple):
    """What a fine-tuning is fed.

    Attributes:
        data, policy: What was asked for, and the policy that it came to.
        pool: What batches are drawn from.
        images: The training images themselves, where their tower is trained.
        judge: The queries of the validation.
        validated: What is judged of the images of the validation.
        validation: Those images themselves.
        targets: Of the statements, where a term asks for them.
    """

    data: TrainingData
    policy: str
    pool: Pool
    images: Images
    judge: Judge
    validated: Judged
    validation: Images
    targets: Targets | None


def gather(encoder: DualEncoder, data: TrainingData, method: Method) -> Sources:
    """Load and embed the images of a fine-tuning, or find their rows in the cache.

    Raises:
        InputError: The data set cannot be had, is too small or too blank, or has no
            reports where the method asks for them.
    """
    named = {"root": data.root, "n_images": data.n_images, "seed": data.seed}
    dataset = load_dataset(data.dataset, split="train", **named)
    _refuse_without_absence(dataset, data.policy)
    _refuse_without_reports(dataset, method)
    aside = set_aside(dataset)
    if aside.all() or not aside.any():
        raise InputError(
            f"{dataset.name}: {len(dataset)} training images are too few to set a fifth of "
            "their patients aside"
        )
    train, held = (dataset.take(np.flatnonzero(part)) for part in (~aside, aside))
    rows = embed_images(encoder, dataset)
    pool = _pool(train, data.policy, rows[~aside], method)
    plain = plain_statements(train.findings)  # synonyms would only make it slower
    patients = held.table["patient"].to_numpy(str)
    known = _judged(held, data.policy)
    judge = make_judge(plain, known, rows[aside], patients)
    targets = Targets(encoder, pool.statements) if "mirror" in method.terms else None
    policy = data.policy or dataset.policy
    return Sources(data, policy, pool, train.images, judge, known, held.images, targets)


def set_aside(dataset: Dataset) -> Bool[np.ndarray, " image"]:
    """Which images are of patients that validate: a fifth of all patients."""
    digests = (
        hashlib.sha256(p.encode()).digest() for p in dataset.table["patient"].astype(str)
    )
    return np.array([int.from_bytes(digest[:4]) % PARTS == 0 for digest in digests])


def _refuse_without_absence(dataset: Dataset, policy: str) -> None:
    """Labels that only ever tell what is there leave nothing that could be denied."""
    if not (dataset.relevance(policy) == ABSENT).any():
        raise InputError(
            f"{dataset.name}: under policy {policy or dataset.policy!r} no finding is "
            f"absent from any of {len(dataset)} training images, so nothing can be denied; "
            "allowed: labels that say 0, or a policy that takes blanks for absent, such as "
            "blank-absent"
        )


def _refuse_without_reports(dataset: Dataset, method: Method) -> None:
    if method.text == "reports" and dataset.reports is None:
        raise InputError(
            f"{dataset.name}: no reports, from which method {method.name!r} takes its "
            "captions; allowed: a data set that has them, such as phantoms, or a method "
            "whose text is labels"
        )


def _pool(
    train: Dataset, policy: str, rows: Float[np.ndarray, "image dim"], method: Method
) -> Pool:
    patients = train.table["patient"].to_numpy(str)
    pool = make_pool(_judged(train, policy), patients, rows, shares=method.statements)
    return reported(pool, train.reports) if method.text == "reports" else pool


def _judged(dataset: Dataset, policy: str) -> Judged:
    return Judged(dataset.findings, dataset.relevance(policy), dataset.sides)
