"""Where a number comes from: code, machine, versions, checkpoint, data.

Two results that differ can so be told apart by what made them. Nothing here changes what
a notebook computes, and nothing is asked of the network.

Limits: a commit says what was checked in; whether the tree was changed since is the flag
``dirty``. An untracked file that a notebook reads is not seen by either.
"""

import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

import negcxr
from negcxr.machine import device_name as device_name  # others take it from here
from negcxr.machine import driver_of, threads
from negcxr.models.ledger import Exposure, exposure
from negcxr.paths import ROOT

PACKAGES = (  # those whose version can move a number
    *("torch", "transformers", "tokenizers", "safetensors", "numpy", "scipy", "pandas"),
    *("scikit-learn", "pillow", "pyarrow", "papermill", "peft"),
)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckpointRecord(_Record):
    """Which weights: name, family and the hash of all that a checkpoint consists of.

    The revision is that of the hub, and empty for a folder.
    """

    name: str
    family: str
    fingerprint: str
    revision: str = ""


class DatasetRecord(_Record):
    """Which images: the data set, the hash of what was drawn from it, and its terms.

    Attributes:
        credentialed: Whether the terms forbid that a row of it leaves the machine.
    """

    name: str
    kind: str
    fingerprint: str
    n_images: int = Field(ge=1)
    n_patients: int = Field(ge=1)
    terms: str
    credentialed: bool = False


class Provenance(_Record):
    """All that made a result beside its parameters.

    Attributes:
        exposure: What the checkpoint has seen of the data set; None where there is no such
            pair, and in results that are older than the ledger.
        driver: Of the GPU: the kernel's module and CUDA's runtime; empty on a processor,
            and in results that are older than this field.
    """

    package: str
    commit: str | None
    dirty: bool | None
    started: AwareDatetime
    seconds: float = Field(ge=0)
    python: str
    platform: str
    device: str
    dtype: str
    threads: int = Field(ge=1)
    versions: dict[str, str]
    checkpoint: CheckpointRecord | None
    dataset: DatasetRecord | None
    policy: str
    seed: int | None
    exposure: Exposure | None = None
    driver: str = ""


def now() -> datetime:
    """This moment, in UTC: what a notebook notes when it starts."""
    return datetime.now(UTC)


def provenance(
    parameters: Mapping[str, object],
    *,
    started: datetime,
    encoder: Any,
    dataset: Any,
    policy: str,
) -> Provenance:
    """The record of a computation that began at ``started`` and ends now.

    ``encoder`` and ``dataset`` are those of the study, or None where none was used.
    """
    commit, dirty = _commit()
    return Provenance(
        package=negcxr.__version__,
        commit=commit,
        dirty=dirty,
        started=started,
        seconds=round((now() - started).total_seconds(), 3),
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        device=device_name(str(parameters.get("device", "cpu"))),
        dtype=str(parameters.get("dtype", "float32")),
        threads=threads(),
        versions=_versions(),
        checkpoint=None if encoder is None else _checkpoint_record(encoder.checkpoint),
        dataset=None if dataset is None else _dataset_record(dataset),
        policy=policy,
        seed=parameters.get("seed"),
        exposure=_exposure(parameters, encoder, dataset),
        driver=driver_of(str(parameters.get("device", "cpu"))),
    )


def _exposure(
    parameters: Mapping[str, object], encoder: Any, dataset: Any
) -> Exposure | None:
    """Of the pair as the parameters name it, which tell more than the names alone."""
    if encoder is None or dataset is None:
        return None
    asked = {"checkpoint": encoder.checkpoint.name, "dataset": dataset.name, "root": ""}
    asked |= {name: str(parameters[name]) for name in asked if name in parameters}
    return exposure(asked["checkpoint"], asked["dataset"], asked["root"])


def _checkpoint_record(checkpoint: Any) -> CheckpointRecord:
    names = ("name", "family", "fingerprint", "revision")
    return CheckpointRecord(**{name: getattr(checkpoint, name) for name in names})


def _dataset_record(dataset: Any) -> DatasetRecord:
    return DatasetRecord(
        name=dataset.name,
        kind=dataset.kind,
        fingerprint=dataset.fingerprint(),
        n_images=len(dataset),
        n_patients=int(dataset.table["patient"].nunique()),
        terms=dataset.terms,
        credentialed=dataset.credentialed,
    )


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue  # a lean installation has not all of them
    return found


def _commit() -> tuple[str | None, bool | None]:
    if not (ROOT / ".git").exists():  # installed elsewhere: a git above is not ours
        return None, None
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return commit or None, None if changes is None else bool(changes)


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
