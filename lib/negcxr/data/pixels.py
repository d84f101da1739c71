"""Grey levels: from whatever a file holds to 8 bits, and which way round they go.

A radiograph may be stored either way: most show air dark and bone bright, some the
reverse. A model that learnt one way reads the other as another picture, and its numbers
then say nothing. Files with a flag for it are turned by the flag; for the others there is
a guess from the picture, which a person must judge.

Limits: stretching forgets the absolute exposure. The guess knows frontal chest films
alone.
"""

import numpy as np
from jaxtyping import Float, Num, UInt8
from PIL import Image

from negcxr.shapes import checked

WHITE = 255
INVERTED = "MONOCHROME1"  # DICOM's word: the lowest number is shown white
WHITE_IS_ZERO = 0  # value of the TIFF tag below: the lowest number is shown white
PHOTOMETRIC = 262
SIDE = 32  # squares a side when a picture is judged: coarse, so that no marker decides


@checked
def stretch(pixels: Num[np.ndarray, "height width"]) -> UInt8[np.ndarray, "height width"]:
    """Grey levels spread from the image's own minimum to its own maximum.

    An image of one grey level comes out black.

    Returns:
        0 at the minimum, 255 at the maximum.

    Raises:
        ValueError: A pixel is not a number.

    Example:
        >>> stretch(np.array([[1000, 1500, 2000]]))
        array([[  0, 128, 255]], dtype=uint8)
    """
    levels = pixels.astype(np.float64)
    if not np.isfinite(levels).all():
        raise ValueError("a pixel is not a finite number")
    low, span = levels.min(), np.ptp(levels)
    return np.round((levels - low) * (WHITE / span if span else 0)).astype(np.uint8)


def grey(image: Image.Image) -> Image.Image:
    """The picture in 8-bit grey (mode ``L``), fully loaded, air dark where a flag says so.

    More than 8 bits are stretched. Pillow itself turns an 8-bit TIFF that shows its
    lowest number white, but not a deeper one; that is done here.
    """
    if not image.mode.startswith(("I", "F")):
        return image.convert("L")
    levels = Image.fromarray(stretch(np.asarray(image)))
    tags = getattr(image, "tag_v2", {})
    return inverted(levels) if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO else levels


def inverted(image: Image.Image) -> Image.Image:
    """The 8-bit grey picture with dark and bright exchanged."""
    return image.point(range(WHITE, -1, -1))


def looks_inverted(image: Image.Image) -> bool:
    """Whether air seems bright and bone dark: a hint that no flag gives, for a person.

    On a frontal chest film as it should be, the lungs and the two upper corners, where
    air lies, are darker than the spine and the belly. Told inverted if they are brighter.

    Measured on 660 frontal films of NIH ChestX-ray14 (256 pixels a side, AP and PA): 1
    of them is told inverted, and of the same films inverted 659 are. The places were
    chosen on these films, so elsewhere it errs more often. On lateral films and on other
    parts of the body it was not measured.

    Args:
        image: 8-bit grey.
    """
    small = image.resize((SIDE, SIDE), Image.Resampling.BOX)
    return _air_over_bone(np.asarray(small, dtype=np.float64)) > 0


@checked
def _air_over_bone(levels: Float[np.ndarray, "32 32"]) -> float:
    corners = np.stack([levels[:4, :4], levels[:4, -4:]]).mean()
    lungs = np.stack([levels[8:20, 6:12], levels[8:20, 20:26]]).mean()
    spine, belly = levels[8:20, 14:18].mean(), levels[24:, 8:24].mean()
    return float(corners + lungs - spine - belly)
