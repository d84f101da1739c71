"""Where things lie, said once. Nothing here creates a folder."""

import os
from pathlib import Path

import platformdirs

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
PARAMS = ROOT / "params"
RESULTS = ROOT / "results"
ARTIFACTS = ROOT / "artifacts"
CHECKPOINTS = ROOT / "checkpoints"
BOOK = ROOT / "book"
EXECUTED = BOOK / "executed"
SNAKEFILE = ROOT / "Snakefile"


def cache() -> Path:
    """The folder for what can be made again: ``NEGCXR_CACHE``, or the user's cache."""
    return Path(os.environ.get("NEGCXR_CACHE") or platformdirs.user_cache_path("negcxr"))


def films() -> Path:
    """The folder of real films that tests use: ``NEGCXR_FILMS``, or beside the project."""
    return Path(os.environ.get("NEGCXR_FILMS") or ROOT.parent / "shared" / "films")


def texts() -> Path:
    """The folder of real sentences that tests use: ``NEGCXR_TEXT``, or beside the films."""
    return Path(os.environ.get("NEGCXR_TEXT") or ROOT.parent / "shared" / "text")


def at_root(path: str | Path) -> Path:
    """``path`` itself if absolute, else taken from the project's root.

    A notebook run from any folder so finds the same files.
    """
    return ROOT / path
