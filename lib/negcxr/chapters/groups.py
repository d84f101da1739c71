"""Trainings taken together: those of the run shown, and those kept with several seeds.

Idea: a run that was kept holds, for every method, the draws of every measure. Runs of one
base that differ in the seed of the training alone are a group, and an interval over a
group resamples trainings and patients together. The run shown is a group of its own: its
one training cannot say how much another would differ.

Limits: groups are compared as they are, and may stand on other images or resamples; only
runs within a group are held to the same ones. Two methods of a group may have been trained
in different precision, which the group tells; the trainings of one method may not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.methods import Draws
from negcxr.errors import InputError
from negcxr.exposures import mark_of
from negcxr.measure.resampling import over_seeds
from negcxr.paths import at_root
from negcxr.results import Result, read_result, read_table
from negcxr.runs import METHOD_JOB, method_of

BASE, RULE = "base", "parsing rule"
BEST = "no-price"  # our own; also shown on prompts in the plainest words
SAME = (
    *("dataset", "root", "policy", "split", "n_images", "prompt_set", "n_items"),
    *("n_resamples", "seed", "steps", "lr", "training_images", "base"),
)
PRECISION = "training_dtype"


class Trained(NamedTuple):
    """One training, as its result tells: of which method, and where the result lies."""

    method: str
    result: Result
    path: Path

    @property
    def base(self) -> str:
        """The name of the checkpoint that was fine-tuned."""
        made = self.result.provenance.checkpoint
        return made.name if made else "unknown"

    @property
    def data(self) -> tuple[str, str, str]:
        """Data set, split and policy that it was measured by."""
        known = self.result.parameters
        policy = self.result.provenance.policy
        return str(known["dataset"]), str(known["split"]), policy


class Group(NamedTuple):
    """What is shown as one: a base, and methods that were trained from it.

    Attributes:
        name: How it is called in charts.
        base: The checkpoint's name.
        n: Images that were asked of.
        seeds: The seeds of the trainings.
        trainings: How many stand behind each scorer; none behind base and rule.
        mark: Of images that the base may have been trained on, beside its name.
        scorers: Draws of every measure: of the base, of the parsing rule on it, and of
            each method.
        precisions: What each method was trained in.
    """

    name: str
    base: str
    n: int
    seeds: tuple[int, ...]
    scorers: Mapping[str, Mapping[str, Draws]]
    trainings: Mapping[str, int]
    mark: str
    precisions: Mapping[str, str]

    @property
    def trained_in(self) -> str:
        """The methods, by what they were trained in."""
        known = sorted({*self.precisions.values()})
        each = [[m for m in self.methods if self.precisions[m] == kind] for kind in known]
        return "; ".join(
            f"{', '.join(names)} in {kind}" for names, kind in zip(each, known, strict=True)
        )

    @property
    def methods(self) -> list[str]:
        """Those scorers that are methods."""
        others = (BASE, RULE, rewritten(BEST))
        return [name for name in self.scorers if name not in others]


def read_trained(folder: str | Path, methods: Sequence[str] = ()) -> list[Trained]:
    """The trainings whose results lie in a run's folder, or in the runs of a folder.

    Args:
        folder: From the project's root if relative; one that is missing holds none.
        methods: Those alone, if any is named.
    """
    found = []
    for path in sorted(at_root(folder).rglob(f"{METHOD_JOB}*.json")):
        method = method_of(path.stem)
        if path.parent.name != "parameters" and (not methods or method in methods):
            found.append(Trained(method, read_result(path), path))
    return found


def groups_of(
    live: Sequence[Trained], kept: Sequence[Trained], order: Sequence[str] = ()
) -> list[Group]:
    """The run shown, then each base of those kept, its own first.

    Kept runs of other images or another policy than the run shown are left out.

    Args:
        order: Methods in the order in which they are shown; the rest follow by name.

    Raises:
        InputError: Runs of one group were not measured on the same images and resamples.
    """
    own = live[0].base if live else ""
    if live:
        kept = [trained for trained in kept if trained.data == live[0].data]
    found = [_group(live, "{base}, this run", order)] if live else []
    for base in sorted({trained.base for trained in kept}, key=lambda b: (b != own, b)):
        of_base = [trained for trained in kept if trained.base == base]
        found.append(_group(of_base, "{base}, seeds {seeds}", order))
    return found


def _group(trained: Sequence[Trained], name: str, order: Sequence[str]) -> Group:
    _refuse_unlike(trained)
    places = {method: place for place, method in enumerate(order)}
    names = sorted({t.method for t in trained}, key=lambda m: (places.get(m, 99), m))
    seeds = sorted({int(t.result.parameters["training_seed"]) for t in trained})
    tables = [(one.method, _draws(one)) for one in trained]
    scorers = {BASE: _of(tables[0][1], "before"), RULE: _of(tables[0][1], "rule")}
    shown = [(name, name, "after") for name in names]
    shown += [(rewritten(BEST), BEST, "rewritten")] if BEST in names else []
    for scorer, method, column in shown:
        each = [_of(table, column) for name, table in tables if name == method]
        scorers[scorer] = _over_seeds(each)
    made, base = trained[0].result.provenance.dataset, trained[0].base
    name = name if len(seeds) > 1 else name.replace(" seeds ", " seed ")
    said = name.format(base=base, seeds=", ".join(map(str, seeds)))
    mark = mark_of(trained[0].result)
    known = Counter(name for name, _ in tables)
    counts = dict.fromkeys((BASE, RULE), 0) | {one: known[of] for one, of, _ in shown}
    n = made.n_images if made else 0
    kinds = {t.method: str(t.result.parameters.get(PRECISION)) for t in trained}
    return Group(f"{said}{mark}", base, n, tuple(seeds), scorers, counts, mark, kinds)


def rewritten(method: str) -> str:
    """How a method is called where its prompts were put into the plainest words."""
    return f"{method}, rewritten"


def _over_seeds(each: Sequence[Mapping[str, Draws]]) -> dict[str, Draws]:
    return {
        measure: over_seeds(np.stack([one[measure] for one in each]), seed=0)
        for measure in each[0]
    }


def _told(trained: Trained, name: str) -> object:
    return trained.base if name == "base" else trained.result.parameters.get(name)


def _refuse_unlike(trained: Sequence[Trained]) -> None:
    of_method: dict[str, Trained] = {}
    for other in trained:
        _refuse_other(trained[0], other, SAME)
        _refuse_other(of_method.setdefault(other.method, other), other, (PRECISION,))


def _refuse_other(first: Trained, other: Trained, names: Sequence[str]) -> None:
    for name in names:
        ours, theirs = (_told(t, name) for t in (first, other))
        if ours != theirs:
            raise InputError(
                f"{other.path}: {name} is {theirs!r}, not {ours!r} as in {first.path}; "
                "runs that are taken together are measured alike"
            )


def _draws(trained: Trained) -> pd.DataFrame:
    return read_table(trained.path, "draws").sort_values("draw", kind="stable")


def _of(table: pd.DataFrame, column: str) -> dict[str, Draws]:
    return {
        str(measure): block[column].to_numpy(dtype=np.float64)
        for measure, block in table.groupby("measure", sort=False)
    }
