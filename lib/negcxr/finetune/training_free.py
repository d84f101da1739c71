"""Rivals that need no training: what can be done with a denial once it has been read.

Idea: a reader of cues parts a sentence into what it affirms, A, and what it denies, N
(``negcxr.text.cues``). The encoder need not hear the cue then; it only has to know A and
N. What is left to choose is how the two halves become one score:

* subtraction: s(A) - strength x s(N). With strength 1 it is the parsing rule.
* centring: from each half goes the mean cosine of its image to all findings, so that a
  half scores 0 where it fits the image as well as any finding does.
* caps: one row for both, near A and away from N.
* steering: the row of the sentence itself is moved along one direction of denial.

Limits: all of it stands on the reader of cues. A sentence without a cue is scored as it
is, and so is an affirmed wording of an absence ("sharp costophrenic angles"), which is
just what an encoder must understand by itself.
"""

import numpy as np
from jaxtyping import Float

from negcxr.errors import InputError
from negcxr.models.rows import require_unit_rows
from negcxr.shapes import checked

WIDEST = 180.0  # degrees: a cap that is the whole sphere
SAME = 1e-6  # sine of the angle between two rows that are one


@checked
def subtracted(
    affirmed: Float[np.ndarray, "text image"],
    denied: Float[np.ndarray, "text image"],
    strength: float | int = 1.0,
) -> Float[np.ndarray, "text image"]:
    """The score of what is affirmed less a part of the score of what is denied.

    A half that a text lacks is 0 throughout. The ranking by a plain denial is the same
    for every strength above 0, so the strength matters to sentences with both halves
    alone, and to the comparison of sentences.

    Args:
        affirmed: Scores of the affirmed halves.
        denied: Scores of the denied halves.
        strength: From 0, which is deaf.

    Returns:
        Differences of cosines; of strength 1 in [-2, 2].

    Raises:
        InputError: The strength is below 0.

    Example:
        >>> subtracted(np.array([[0.3]]), np.array([[0.2]]), 0.5).round(3)
        array([[0.2]])

    Reference:
        CLIPGlasses learns the strength, Xiao et al. (2026),
        https://arxiv.org/abs/2602.21035; here it is one number.
    """
    if not strength >= 0:
        raise InputError(f"strength is {strength}; allowed: 0 or more")
    return affirmed - strength * denied


@checked
def centred(
    cosines: Float[np.ndarray, "text image"],
    background: Float[np.ndarray, "finding image"],
    share: float | int = 1.0,
) -> Float[np.ndarray, "text image"]:
    """Cosines less a share of each image's mean cosine to the findings.

    Where all cosines of an encoder are high, -s(N) lies below every s(A), and a denial is
    never chosen, however true. Centred, both lie around 0. It also takes from an image
    what makes it near to any sentence. Blind spot: an image with many findings is near to
    many of them for a good reason, and loses that too.

    Args:
        background: Cosines of the same images to an affirmed prompt of each finding.
        share: 0 leaves the cosines as they are, 1 takes the whole mean.

    Returns:
        Differences of cosines, in [-2, 2].
    """
    _refuse_share(share)
    return cosines - share * background.mean(axis=0)


@checked
def cap_centres(
    affirmed: Float[np.ndarray, "pair dim"],
    denied: Float[np.ndarray, "pair dim"],
    width: float | int,
) -> Float[np.ndarray, "pair dim"]:
    """A unit row near what is affirmed and away from what is denied, one a pair.

    A cap is all rows within an angle of its centre. Around A and around N stand caps of
    one width. Of the arc through A and N, what lies in A's cap and outside N's is a
    piece, and the row is the middle of that piece: A itself while the caps do not meet,
    else A turned away from N by the width less half of the angle between them.

    As a score it is a subtraction whose strength depends on the pair: turned by r at an
    angle g between A and N, it ranks as s(A) - s(N) sin(r) / sin(g + r). Blind spot: a
    pair that is one row, or two opposite ones, has no arc of its own and stays A.

    Args:
        affirmed: A unit row a pair.
        denied: A unit row a pair.
        width: Degrees, in [0, 180].

    Returns:
        Unit rows.

    Raises:
        InputError: A row is not of unit length, or the width is outside its range.

    Reference:
        After SpaceVLM, Kazemi Ranjbar et al. (2025), https://arxiv.org/abs/2511.12331, of
        which only the abstract is known to us: the form is ours.
    """
    require_unit_rows(affirmed=affirmed, denied=denied)
    if not 0 <= width <= WIDEST:
        raise InputError(f"width is {width}; allowed: degrees from 0 to {WIDEST:.0f}")
    cosine = np.sum(affirmed * denied, axis=1, keepdims=True).clip(-1, 1)
    away = cosine * affirmed - denied
    lengths = np.linalg.norm(away, axis=1, keepdims=True)
    turn = np.maximum(0, np.radians(width) - np.arccos(cosine) / 2)
    turn = np.where(lengths < SAME, 0, turn)
    return np.cos(turn) * affirmed + np.sin(turn) * away / np.maximum(lengths, SAME)


@checked
def steered(
    rows: Float[np.ndarray, "text dim"],
    direction: Float[np.ndarray, " dim"],
    share: float | int,
) -> Float[np.ndarray, "text dim"]:
    """Rows moved along a direction, and made unit again.

    ``(1 - share) x + share |x| d``. One direction serves every finding, so the nearer the
    share is to 1, the less is left of what the sentence denies: at 1 all sentences are
    the direction, and rank the images alike.

    Args:
        rows: Any length above 0.
        direction: A unit row, such as ``polarity_direction`` gives.
        share: In [0, 1]; 0 leaves the rows as they are, but for their length.

    Returns:
        Unit rows.

    Raises:
        InputError: The direction is not of unit length, the share is outside its range,
            or a row ends at 0.

    Reference:
        Sammani et al. (2026), https://arxiv.org/abs/2603.20554, who do it at each layer,
        by a probe's direction each; here it is done once, in the joint space.
    """
    require_unit_rows(direction=direction[None])
    _refuse_share(share)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return _unit((1 - share) * rows + share * lengths * direction, what="a steered row")


@checked
def polarity_direction(
    affirmed: Float[np.ndarray, "finding dim"], denied: Float[np.ndarray, "finding dim"]
) -> Float[np.ndarray, " dim"]:
    """The way from affirmed to denied: the mean over findings of the differences, unit.

    What the findings have in common on that way stays, what sets one apart averages out.

    Args:
        affirmed: The mean of the unit rows of each finding's affirmed wordings.
        denied: Of the same findings in the same order, of their denied wordings.

    Raises:
        InputError: No finding, or the differences cancel.
    """
    if not len(affirmed):
        raise InputError("a direction of denial needs a finding with both polarities")
    mean = (denied - affirmed).mean(axis=0, keepdims=True)
    return _unit(mean, what="the mean of denied less affirmed rows")[0]


def _unit(rows: Float[np.ndarray, "row dim"], *, what: str) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.all(lengths > 0):
        raise InputError(f"{what} has length 0 and points nowhere")
    return rows / lengths


def _refuse_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise InputError(f"share is {share}; allowed: 0 to 1")
