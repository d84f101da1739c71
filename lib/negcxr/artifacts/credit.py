"""Under which licence an artifact may be used, and what is to be cited with it.

Both are read from ``CITATION.cff`` when an artifact is packed, and from then on from the
artifact: the project may change its mind, what was handed on may not.

Limits: the licence of a data set is its own; its terms stand beside its name.
"""

from pathlib import Path
from typing import Any, NamedTuple

from negcxr.errors import InputError
from negcxr.paths import ROOT
from negcxr.reading import read_yaml

LICENCE = "CC-BY-4.0"  # of text, figures and what is measured; of CITATION.cff's licences
SPDX = "https://spdx.org/licenses/"


class Credit(NamedTuple):
    """What is owed for an artifact.

    Attributes:
        licence: Its SPDX name.
        author: Who made the study.
        study: The study's title.
        version: The study's version.
        paper: The address of the paper whose question it asks.
        paper_title: Its title.
    """

    licence: str
    author: str
    study: str
    version: str
    paper: str
    paper_title: str


def credit_of(root: Path = ROOT) -> Credit:
    """What a project's ``CITATION.cff`` says.

    Raises:
        InputError: The file lacks one of them.
    """
    path = root / "CITATION.cff"
    said: Any = read_yaml(path)
    try:
        paper = said["references"][0]
        if LICENCE not in said["license"]:
            raise InputError(f"{path}: no licence {LICENCE}, under which results are given")
        return Credit(
            LICENCE,
            said["authors"][0]["name"],
            said["title"],
            str(said["version"]),
            paper["url"],
            paper["title"],
        )
    except (KeyError, IndexError, TypeError):
        raise InputError(
            f"{path}: lacks author, title, version or first reference"
        ) from None
