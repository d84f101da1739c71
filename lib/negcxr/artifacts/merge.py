"""Two artifacts of one name united, where they are parts of one thing.

Runs are united: seed 1 beside seed 0. Within a run, jobs are: chapters that were computed
later, or on another machine, beside those that are there, and an executed notebook beside
its result. This holds only where it is the same run: one checkpoint, one data set, one
root and one policy asked for, and behind each name the same fingerprint. A file that is in
both must be the same in both. So the order of two artifacts does not matter, and an
artifact united with itself is itself.

Limits: whether two machines would have computed the same is not asked; each job says on
which it ran.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from negcxr.artifacts.contents import Results
from negcxr.artifacts.folder import Listed
from negcxr.artifacts.graph import LATER, PACKED, Seal, ended
from negcxr.artifacts.verify import Verified
from negcxr.errors import InputError
from negcxr.results import Result
from negcxr.runs import IDENTITY

ASKED = (*IDENTITY, "policy")  # parameters that a run has one value of
DRAWN = (
    "dataset",
    "root",
    "split",
    "n_images",
    "seed",
)  # that decide which images those are


def united_files(one: Verified, other: Verified) -> dict[str, Listed]:
    """The files of two artifacts together, if they are parts of one.

    Raises:
        InputError: A run, or a file, of one is not that of the other; the message has both.
    """
    require_one(one, other)
    mine, theirs = one.crate.files, other.crate.files
    for path in sorted({*mine} & {*theirs}):
        if mine[path] != theirs[path]:
            raise InputError(
                f"{one.crate.seal.name}/{path}: differs from the one that is there; "
                "nothing was changed. Give the other artifact another name to keep both"
            )
    return dict(sorted({**mine, **theirs}.items()))


def united_results(one: Results, other: Results) -> Results:
    """The results of two artifacts together, in the order of their names."""
    return {
        run: dict(sorted({**one.get(run, {}), **other.get(run, {})}.items()))
        for run in sorted({*one, *other})
    }


def united_seal(one: Seal, other: Seal, results: Results) -> Seal:
    """Packed if both were; else sealed later, on the later day of those that were."""
    seals = (one, other)
    if {seal.status for seal in seals} == {PACKED}:
        date = ended(results) if results else max(seal.date for seal in seals)
        return Seal(one.name, PACKED, date)
    return Seal(one.name, LATER, max(seal.date for seal in seals if seal.status == LATER))


def require_one(one: Verified, other: Verified) -> None:
    """Refuse two artifacts that are not parts of one thing.

    Raises:
        InputError: Says what of which run differs.
    """
    name = one.crate.seal.name
    if (name, one.crate.credit) != (other.crate.seal.name, other.crate.credit):
        raise InputError(f"{name}: the two differ in their name, their licence or citation")
    for run in sorted({*one.results} & {*other.results}):
        known = _identity(one.results[run].values(), f"{name}/{run}")
        for what, value in _identity(other.results[run].values(), f"{name}/{run}").items():
            if known.get(what, value) != value:
                raise InputError(
                    f"{name}/{run}: is of {what} {value!r}, and the one that is there of "
                    f"{known[what]!r}; two runs of one name are not put together"
                )


def require_runs(results: Results, *, where: str) -> None:
    """Refuse an artifact in which one run is of two checkpoints, data sets or policies.

    Raises:
        InputError: Names the run and both values.
    """
    for run, jobs in results.items():
        _identity(jobs.values(), f"{where}/{run}")


def _identity(results: Any, where: str) -> Mapping[str, Any]:
    """What a run is of: what was asked for, and the fingerprints behind the names."""
    found: dict[str, Any] = {}
    for result in results:
        for what, value in _of(result):
            if found.setdefault(what, value) != value:
                raise InputError(f"{where}: of {what} both {found[what]!r} and {value!r}")
    return found


def _of(result: Result) -> Iterator[tuple[str, Any]]:
    asked, made = result.parameters, result.provenance
    yield from ((name, asked[name]) for name in ASKED if name in asked)
    if made.checkpoint:
        yield (
            f"checkpoint {made.checkpoint.name!r}, fingerprint",
            made.checkpoint.fingerprint,
        )
    if made.dataset:
        drawn = ", ".join(f"{name}={asked[name]}" for name in DRAWN if name in asked)
        size = made.dataset.n_images
        what = f"images of {made.dataset.name!r} ({drawn}; {size}), fingerprint"
        yield what, made.dataset.fingerprint
