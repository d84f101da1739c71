"""Spaces whose geometry is known by hand: texts of four findings in six wordings.

In the *hearing* space a row is its finding's axis and a polarity axis, in equal parts; in
the *deaf* space it is its finding's axis and its wording's, so that polarity is nothing
but one more wording.
"""

import numpy as np

FINDINGS = ("edema", "effusion", "nodule", "mass")
WORDINGS = {
    **{"bare": "affirmed", "with": "affirmed", "shows": "affirmed"},
    **{"no": "denied", "without": "denied", "absent": "denied"},
}
FINDING = np.repeat(FINDINGS, len(WORDINGS))
WORDING = np.tile(list(WORDINGS), len(FINDINGS))
POLARITY = np.array([WORDINGS[wording] for wording in WORDING])
AFFIRMED = POLARITY == "affirmed"
DIM = len(FINDINGS) + len(WORDINGS) + 1


def axis(number: int) -> np.ndarray:
    return np.eye(DIM)[number]


def _rows(second) -> np.ndarray:
    rows = [
        axis(FINDINGS.index(finding)) + second(wording)
        for finding, wording in zip(FINDING, WORDING, strict=True)
    ]
    return np.array(rows) / np.sqrt(2)


def hearing_rows() -> np.ndarray:
    """The last axis is the pole: up for affirmed, down for denied."""
    return _rows(lambda wording: axis(-1) * (1 if WORDINGS[wording] == "affirmed" else -1))


def deaf_rows() -> np.ndarray:
    """Each wording has an axis of its own, whatever it says."""
    return _rows(lambda wording: axis(len(FINDINGS) + list(WORDINGS).index(wording)))


def turned(rows: np.ndarray) -> np.ndarray:
    """The same space seen from elsewhere."""
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(DIM, DIM)))
    return rows @ turn
