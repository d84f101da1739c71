"""What the owner of a folder of images says of it, in ``about.yml`` beside the manifest.

A folder may hold a published data set that the study reads by no name of its own. Where
its owner names it, what is known of the data set is known of the folder.

Limits: the owner is believed.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from negcxr.errors import InputError
from negcxr.paths import at_root
from negcxr.reading import first_fault, read_yaml

ABOUT = "about.yml"
FOLDER = "folder"  # the data set that is anybody's own images
# The published ones of the ledger of what checkpoints have seen (`negcxr.models.ledger`).
Published = Literal[
    "nih", "mimic", "chexpert", "openi", "vindr", "padchest", "chexpert-plus"
]


class About(BaseModel):
    """What the owner of a folder says of its images.

    Attributes:
        terms: Licence and citation in one line.
        shows_images: Whether an image may stand on a page.
        credentialed: Whether the terms forbid that a row of it leaves the machine.
        data_set: The published data set that the images are of, by its name in the
            ledger; None where they are of none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    terms: str = "terms not stated by the folder's owner"
    shows_images: bool = False
    credentialed: bool = False
    data_set: Published | None = None


def about(root: Path) -> About:
    """What is said of the folder ``root``; the defaults where it has no such file.

    Raises:
        InputError: A field or a value is not known.
    """
    path = root / ABOUT
    if not path.exists():
        return About()
    try:
        return About.model_validate(read_yaml(path))
    except ValidationError as error:
        allowed = ", ".join(About.model_fields)
        raise InputError(f"{path}: {first_fault(error)}; allowed: {allowed}") from None


def called(dataset: str, root: str) -> str:
    """What the ledger calls the images of a data set.

    Args:
        dataset: A key of ``negcxr.data.registry.DATASETS``.
        root: Its folder, from the project's root if relative; may be empty.

    Returns:
        Of a ``folder`` the data set that its owner names, else ``dataset``.
    """
    known = about(at_root(root)).data_set if dataset == FOLDER and root else None
    return known or dataset
