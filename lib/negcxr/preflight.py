"""What can be known to fail before a job starts, is found here.

Each checkpoint is resolved, each data set read, each policy, prompt set, device and method
looked up, once. What is heavy is imported only if it is asked for.

Limits: pixels are not decoded and weights not loaded; a damaged one is found by its job.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from negcxr.errors import InputError
from negcxr.parameters import Value
from negcxr.plan import plan, write_runs
from negcxr.reading import listed
from negcxr.schema import Parameter
from negcxr.study import read_study, renamed

Parameters = Mapping[str, Value]
DATA = ("dataset", "root", "split", "n_images", "seed")


def prepare(
    params: Path,
    given: Mapping[str, Parameter],
    *,
    name: str = "",
    tell: Callable[[str], object] = str,
) -> list[str]:
    """Work out a study, check it, and write what its runs are.

    Args:
        params: The study's file.
        given: Parameters that replace the study's own.
        name: Another name for the study's one run; empty keeps its name.
        tell: Gets each line that a user should see although the study can be run; it
            tells nobody if none is given.

    Returns:
        The names of its runs.

    Raises:
        InputError: Something of it cannot be used; nothing was written.
    """
    study = read_study(params)
    runs = plan(renamed(study, name) if name else study, given, source=params.name)
    jobs = [values for run in runs for values in run.jobs.values()]
    preflight(jobs)
    for line in unexpected(jobs):
        tell(line)
    write_runs([run._replace(jobs=pinned(run.jobs)) for run in runs])
    return [run.name for run in runs]


def pinned(jobs: Mapping[str, Parameters]) -> dict[str, dict[str, Value]]:
    """Jobs whose checkpoints of the hub are named with the revision that is kept for them.

    So a run's parameters say which weights it measured, and a job is out of date once
    another revision is kept.
    """
    from negcxr.models.hub_lock import pins

    names = {name: f"{name}@{pin.revision}" for name, pin in pins().items()}
    found = {job: dict(values) for job, values in jobs.items()}
    for values in found.values():
        if values.get("checkpoint") in names:
            values["checkpoint"] = names[values["checkpoint"]]
    return found


def preflight(jobs: Iterable[Parameters]) -> None:
    """Check checkpoint, data, policy, prompts, device and method of jobs, each only once.

    Raises:
        InputError: One of them cannot be used.
    """
    jobs = list(jobs)
    for names, check in CHECKS:
        for values in _distinct(jobs, names):
            check(*values)
    for values in _distinct(jobs, DATA):
        here = [job for job in jobs if values == tuple(job.get(name) for name in DATA)]
        _data(*values, prompt_sets={j["prompt_set"] for j in here if "prompt_set" in j})


def unexpected(jobs: Iterable[Parameters]) -> list[str]:
    """What is otherwise with checkpoints than their names let expect, a line each."""
    from negcxr.models.catalogue import entry_of
    from negcxr.models.checkpoint import CONFIG, read_json, resolve
    from negcxr.models.expected import differences

    lines = []
    for (name,) in _distinct(jobs, ("checkpoint",)):
        found = resolve(name)
        entry = entry_of(found.name)
        told = differences(entry, read_json(found.folder / CONFIG)) if entry else []
        lines += [f"checkpoint {name}: {line}; its config is followed" for line in told]
    return lines


def _distinct(jobs: Iterable[Parameters], names: tuple[str, ...]) -> list[tuple]:
    """The values of some parameters, of the jobs that have them all."""
    found = {tuple(job[n] for n in names) for job in jobs if {*names} <= job.keys()}
    return sorted(found, key=repr)


def _checkpoint(checkpoint: str) -> None:
    if not checkpoint:
        raise InputError("no checkpoint is named; give --checkpoint FOLDER")
    from negcxr.models.checkpoint import resolve

    resolve(checkpoint)


def _data(
    dataset: str,
    root: str,
    split: str,
    n_images: int,
    seed: int,
    *,
    prompt_sets: Iterable[str],
) -> None:
    from negcxr.data.registry import load_dataset

    _count("n_images", n_images)
    n = _drawn(dataset, n_images)
    images = load_dataset(dataset, root=root, split=split, n_images=n, seed=seed)
    for prompt_set in sorted(prompt_sets):
        from negcxr.text.prompts import load_prompt_set

        load_prompt_set(prompt_set, images.findings)


def _drawn(dataset: str, n_images: int) -> int:
    """How many images to draw, so that what a run would miss is missed here.

    The whole table is checked with any, and a renderer has little to draw of one. Of a
    data set with a layout files are looked for among the drawn alone, so the run's are.
    """
    from negcxr.data import layout_file

    return n_images if dataset in layout_file.names() else 1


def _training(dataset: str, root: str, training_images: int, training_seed: int) -> None:
    from negcxr.data.registry import load_dataset

    _count("training_images", training_images)
    n = _drawn(dataset, training_images)
    load_dataset(dataset, root=root, split="train", n_images=n, seed=training_seed)


def _count(name: str, n: int) -> None:
    if n < 0:
        raise InputError(f"{name} is {n}; allowed: 0 for all, or a number above 0")


def _policy(policy: str) -> None:
    if policy:  # empty takes the data set's own
        from negcxr.data.labels import named_policy

        named_policy(policy)


def _device(device: str, dtype: str) -> None:
    if (device, dtype) == ("cpu", "float32"):
        return  # without the wait for torch
    from negcxr.models.device import usable

    usable(device, dtype)


def _methods(methods: str) -> None:
    for method in listed(methods):
        from negcxr.finetune.methods import method_named

        method_named(method)


CHECKS: tuple[tuple[tuple[str, ...], Callable[..., None]], ...] = (
    (("policy",), _policy),
    (("device", "dtype"), _device),
    (("method",), _methods),
    (("methods",), _methods),
    (("checkpoint",), _checkpoint),
    (("dataset", "root", "training_images", "training_seed"), _training),
)
