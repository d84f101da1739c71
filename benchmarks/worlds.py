"""A made-up gallery of any size for benchmarks: rows, labels, patients and prompts.

Each image has some findings, and its row lies a little towards theirs, so that measures
are neither chance nor perfect. A denied prompt lies mostly where its finding does, as in
an encoder that hardly hears "no". Rows are written block by block into a file that is
then memory-mapped: no process holds all of them.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from negcxr.text.prompts import Prompt

DIM, N_FINDINGS, IMAGES_A_PATIENT, BLOCK = 512, 14, 377_110 / 65_379, 2**15
PULL = 0.12  # how far a finding draws the row of an image that has it
PRESENT = np.geomspace(0.25, 0.01, N_FINDINGS)  # shares of images, from common to rare
ABSENT, UNCERTAIN = 0.15, 0.04  # shares of labels; the rest is blank
FINDINGS = tuple(f"finding {place}" for place in range(N_FINDINGS))
HEARD = 0.3  # of a denial: 0 is deaf, 1 turns the prompt around


class World(NamedTuple):
    """What is measured on."""

    images: np.ndarray
    labels: np.ndarray
    patients: np.ndarray


def write_world(folder: Path, n_images: int) -> None:
    """Rows in single and in half precision, labels and patients, as numpy files."""
    rng = np.random.default_rng(0)
    has = rng.random((n_images, N_FINDINGS)) < PRESENT
    shape = (n_images, DIM)
    files = {
        dtype: np.lib.format.open_memmap(folder / f"{dtype}.npy", "w+", dtype, shape)
        for dtype in ("float32", "float16")
    }
    for start in range(0, n_images, BLOCK):
        rows = _unit(_noise(rng, len(has[start : start + BLOCK])) + _drawn(has, start))
        for file in files.values():
            file[start : start + BLOCK] = rows
    said = rng.random(has.shape)
    labels = np.where(said < ABSENT, 0, np.nan)
    labels[said > 1 - UNCERTAIN] = -1
    labels[has] = 1
    np.save(folder / "labels.npy", labels)
    n_patients = max(2, round(n_images / IMAGES_A_PATIENT))
    np.save(folder / "patients.npy", np.sort(rng.integers(0, n_patients, n_images)))


def read_world(folder: Path, dtype: str = "float32") -> World:
    """The rows stay on disk until they are asked for."""
    images = np.load(folder / f"{dtype}.npy", mmap_mode="r")
    return World(images, np.load(folder / "labels.npy"), np.load(folder / "patients.npy"))


def prompts(n: int) -> tuple[list[Prompt], np.ndarray]:
    """Prompts and their rows: affirmed, denied and composite by turns, 42 of each wording.

    One wording is of 14 findings in three kinds; the next is the same with other rows,
    and other pairs in its composites.
    """
    rng, towards = np.random.default_rng(1), _towards()
    made, rows = [], []
    for place in range(n):
        wording, at = divmod(place, 3 * N_FINDINGS)
        kind, finding = divmod(at, N_FINDINGS)
        other = (finding + 1 + wording % (N_FINDINGS - 1)) % N_FINDINGS
        made.append(_prompt(place, kind, finding, other))
        signs = ({finding: 1}, {finding: 1 - 2 * HEARD}, {finding: 1, other: 1 - 2 * HEARD})
        row = sum(sign * towards[one] for one, sign in signs[kind].items())
        rows.append(row + 0.5 * _noise(rng, 1)[0])
    return made, _unit(np.array(rows)).astype(np.float32)


def _prompt(place: int, kind: int, finding: int, other: int) -> Prompt:
    polarity = ("affirmed", "denied", "composite")[kind]
    named = {"other": FINDINGS[other]} if polarity == "composite" else {}
    text, name = f"prompt {place}", FINDINGS[finding]
    return Prompt(id=str(place), finding=name, polarity=polarity, text=text, **named)


def _towards() -> np.ndarray:
    return _noise(np.random.default_rng(2), N_FINDINGS)


def _drawn(has: np.ndarray, start: int) -> np.ndarray:
    return PULL * (has[start : start + BLOCK].astype(np.float32) @ _towards())


def _noise(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.standard_normal((n, DIM), np.float32) / np.float32(DIM**0.5)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
