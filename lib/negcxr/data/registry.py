"""Data sets by name.

A reader is looked up when it is asked for, so that one source's needs (a renderer, a
file format) weigh on nobody who reads another. Each file of ``layouts`` is a data set of
its own, read by the one reader of published tables.
"""

from collections.abc import Callable
from importlib import import_module

from negcxr.data import layout_file
from negcxr.data.dataset import Dataset, Request
from negcxr.data.tree import refuse_missing_files
from negcxr.errors import InputError
from negcxr.paths import at_root


def _reader(module: str) -> Callable[[Request], Dataset]:
    def read(request: Request) -> Dataset:
        return import_module(f"negcxr.data.{module}").read(request)

    return read


def _layout(name: str) -> Callable[[Request], Dataset]:
    def read(request: Request) -> Dataset:
        return import_module("negcxr.data.layout").read(name, request)

    return read


DATASETS: dict[str, Callable[[Request], Dataset]] = {
    "phantoms": _reader("phantoms"),
    "nih": _reader("nih"),
    "folder": _reader("folder"),
    **{name: _layout(name) for name in layout_file.names()},
}


def load_dataset(
    name: str, *, root: str = "", split: str = "test", n_images: int = 0, seed: int = 0
) -> Dataset:
    """The images of one split of a data set.

    The whole data set is checked before the split is cut, so a patient in two splits is
    refused whichever split is asked for. Of a data set with a layout, files are looked
    for after the images are drawn, as a copy of it may be a part.

    Args:
        name: A key of ``DATASETS``.
        root: The data set's folder, from the project's root if relative; empty where
            the data set needs none.
        split: ``train``, ``test``, any other the data set has, or ``all``.
        n_images: Images to draw; 0, or more than there are, takes all.
        seed: Draws the images.

    Raises:
        InputError: The name is not known, or the data set is not as it must be.
    """
    if name not in DATASETS:
        known = ", ".join(DATASETS)
        raise InputError(f"data set {name!r} is not known; choose one of: {known}")
    request = Request(at_root(root) if root else None, split, n_images, seed)
    drawn = DATASETS[name](request).in_split(split).sample(n_images, seed)
    refuse_missing_files(drawn)
    return drawn
