"""One check of a data set from its name to the folder of its report.

Idea: a data set is read with its faults, measured, and written down, before a study
meets the first of them.

Limits: what leaves the table unreadable ends the check with one line, as it ends a study.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from negcxr import paths
from negcxr.data import layout_file
from negcxr.data.check import Check, Looking, check_dataset
from negcxr.data.check_write import refuse_published, write_check
from negcxr.data.dataset import Dataset, Request
from negcxr.data.labels import named_policy
from negcxr.data.layout import every_view, studied
from negcxr.data.mendable import tolerated
from negcxr.data.registry import load_dataset
from negcxr.measure.gallery import MIN_A_SIDE
from negcxr.paths import at_root
from negcxr.study import from_here
from negcxr.text.cues import cues_in


class Asked(NamedTuple):
    """What is to be checked.

    Attributes:
        dataset: A key of the registry.
        root: Its folder; "" where it needs none.
        policy: The policy to show beside the labels; "" for the data set's own.
        n: Images to decode; 0 for all.
        seed: Draws them.
    """

    dataset: str
    root: str
    policy: str
    n: int
    seed: int


class Report(NamedTuple):
    """A check, the policy it was asked under, and the files that it left."""

    check: Check
    policy: str
    least: int
    files: list[Path]


def check(asked: Asked, out: Path | None = None) -> Report:
    """Check a data set and write the report.

    Args:
        out: The folder of the report; ``results/data-check/<name>/`` if none is named.

    Raises:
        InputError: The data set cannot be read, the policy is not known, or the folder is
            one from which something is published. Nothing is written then.
    """
    folder = out or paths.RESULTS / "data-check" / asked.dataset
    refuse_published(folder)
    if asked.policy:
        named_policy(asked.policy)
    with tolerated():
        dataset, whole = _read(asked.dataset, from_here(asked.root))
        looking = Looking(asked.n, asked.seed, MIN_A_SIDE, denies, _watched)
        found = check_dataset(asked.dataset, dataset, looking, whole=whole)
    files = write_check(found, folder, least=MIN_A_SIDE, seed=asked.seed)
    return Report(found, asked.policy or dataset.policy, MIN_A_SIDE, files)


def _read(name: str, root: str) -> tuple[Dataset, Dataset]:
    """The images that a study reads, and those with the views that it leaves out."""
    if name not in layout_file.names():
        dataset = load_dataset(name, root=root, split="all")
        return dataset, dataset
    request = Request(at_root(root) if root else None, "all", 0, 0)
    whole = every_view(name, request)
    return studied(whole, name, request), whole


def denies(sentence: str) -> bool:
    """Whether a cue of denial stands in a sentence, by the study's own reader of cues."""
    return any(cue.kind == "denial" for cue in cues_in(sentence))


def _watched(rows: Iterable[int]) -> Iterable[int]:
    return tqdm(rows, desc="decoding", unit="image", mininterval=1)
