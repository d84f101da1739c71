"""Does an encoder hear the denial: the same image under a prompt and its denial.

Idea: retrieval asks whether each prompt ranks the images well; polarity asks whether
"pleural effusion" and "no pleural effusion" are *opposed*. Four looks at that: on which
side of the pair an image lies (`margin`, `sign_correctness`), whether the denial turns
the order of the images around (`flip_rate`), and how near the two texts are before any
image is seen (`row_cosines`).

Limits: a margin compares two prompts, so a general liking for one of them shifts all
its signs; the flip rate does not see such a shift.

Reference: Alhamoud et al. (2025), https://arxiv.org/abs/2501.09425.
"""

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.measure.ranking import Row, Values, require_usable
from negcxr.measure.resampling import Weights
from negcxr.shapes import checked

LENGTH_TOLERANCE = 1e-3  # float16 caches round unit rows by about this much
PAIRS_AT_ONCE = 2**20  # image pairs compared in one piece: 8 MiB

FindingRows = Float[np.ndarray, "finding dim"]


def require_unit_rows(**matrices: Float[np.ndarray, "_ _"]) -> None:
    """Refuse rows whose dot product is not a cosine, by name, row and length."""
    for name, rows in matrices.items():
        lengths = np.linalg.norm(rows, axis=1)
        for row in np.flatnonzero(~(np.abs(lengths - 1) <= LENGTH_TOLERANCE))[:1]:
            raise InputError(f"{name} row {row} has length {lengths[row]:.3g}, not 1")


@checked
def margin(
    images: Float[np.ndarray, "image dim"], affirmed: FindingRows, denied: FindingRows
) -> Float[np.ndarray, "image finding"]:
    """Cosine to a finding's affirmation minus cosine to its denial.

    Positive where an image lies nearer "pneumonia" than "no pneumonia". An encoder deaf
    to "no" scores zero everywhere, however well it ranks the images.

    Args:
        images: A unit row per image.
        affirmed: A unit row per finding.
        denied: The same findings in the same order, denied.

    Returns:
        Differences of two cosines, in [-2, 2].

    Raises:
        InputError: A row is not of unit length, so a dot product is not a cosine.

    Example:
        >>> east, north = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
        >>> margin(east, affirmed=east, denied=north)
        array([[1.]])
    """
    require_unit_rows(images=images, affirmed=affirmed, denied=denied)
    return images @ (affirmed - denied).T


@checked
def sign_correctness(margins: Row, relevant: Row, weights: Weights) -> Values:
    """Share of images on the right side of prompt and denial, mean of the two truths.

    Images with the finding should have a positive margin, images without it a negative
    one; zero counts half. The mean of both shares, so that always answering "no" earns
    1/2 however rare the finding is; so does a deaf encoder. Chance is 1/2.

    Args:
        margins: Of one finding, as `margin` gives.
        relevant: 1 has the finding, 0 has not, NaN is not judged.

    Returns:
        In [0, 1]; NaN for a resample without images of either truth.
    """
    require_usable(margins, relevant)
    truth = relevant * 2 - 1
    right = (1 + np.sign(margins) * truth) / 2
    return (
        _share(right, weights, relevant == 1) + _share(right, weights, relevant == 0)
    ) / 2


@checked
def flip_rate(affirmed: Row, denied: Row, relevant: Row, weights: Weights) -> Values:
    """Share of (present, absent) image pairs whose order the denial reverses.

    1 where "no A" ranks every such pair the other way round than "A" does, 0 for an
    encoder deaf to the cue, 1/2 for one whose denial has nothing to do with its
    affirmation; a pair tied under either prompt counts half. Blind spot: the order may
    be wrong under both, so read it beside the AUROCs.

    Args:
        affirmed: Score of every image under the affirmed prompt.
        denied: Score of every image under the denied prompt.
        relevant: 1 has the finding, 0 has not, NaN is not judged.

    Returns:
        In [0, 1]; NaN for a resample without images of either truth.
    """
    require_usable(affirmed, relevant)
    require_usable(denied, relevant)
    present, absent = np.flatnonzero(relevant == 1), np.flatnonzero(relevant == 0)
    turned, size = np.zeros(len(weights)), max(1, PAIRS_AT_ONCE // (len(absent) + 1))
    for start in range(0, len(present), size):
        some = present[start : start + size]
        order = np.sign(affirmed[some, None] - affirmed[absent])
        order *= np.sign(denied[some, None] - denied[absent])
        flipped = (1 - order) / 2
        turned += np.einsum("ra,ra->r", weights[:, some] @ flipped, weights[:, absent])
    pairs = weights[:, present].sum(axis=1) * weights[:, absent].sum(axis=1)
    return np.divide(turned, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


@checked
def row_cosines(
    affirmed: FindingRows, denied: FindingRows
) -> Float[np.ndarray, " finding"]:
    """Cosine of a prompt and its denial, finding by finding.

    1 where the encoder does not tell them apart. Opposite meanings need not be opposite
    vectors: what matters is how this lies beside the cosine of two unlike findings.

    Returns:
        In [-1, 1].

    Raises:
        InputError: A row is not of unit length.
    """
    require_unit_rows(affirmed=affirmed, denied=denied)
    return np.einsum("fd,fd->f", affirmed, denied)


@checked
def place_between(
    rows: FindingRows, affirmed: FindingRows, denied: FindingRows
) -> Float[np.ndarray, " finding"]:
    """Where a text lies on the way from the denial (0) to the affirmation (1).

    For hedges ("cannot exclude A"), which are neither true nor false of an image: the
    foot of the row on the line through both. Blind spot: what lies off that line. NaN
    where the encoder does not tell prompt and denial apart.

    Returns:
        Any number; below 0 and above 1 lie beyond the two prompts.

    Raises:
        InputError: A row is not of unit length.
    """
    require_unit_rows(rows=rows, affirmed=affirmed, denied=denied)
    way = affirmed - denied
    along = np.einsum("fd,fd->f", rows - denied, way)
    length = np.einsum("fd,fd->f", way, way)
    return np.divide(along, length, out=np.full_like(along, np.nan), where=length > 0)


def _share(values: np.ndarray, weights: Weights, where: np.ndarray) -> Values:
    drawn = weights[:, where]
    total = drawn.sum(axis=1)
    share = np.full(len(weights), np.nan)
    return np.divide(drawn @ values[where], total, out=share, where=total > 0)
