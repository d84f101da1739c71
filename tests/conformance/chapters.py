"""The notebooks' own cells, run without a kernel, on a checkpoint and a data set of tests.

What a chapter measures is what its cells call, so the cells are run as they stand: a change
of a notebook is a change of what is tested. Only parameters are replaced, as papermill
does it. Where charts are left out, tables still come to them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from tests.finetune.scripted import script

from negcxr import figures, paths
from negcxr.chapters import curves
from negcxr.finetune import trainer, tuned_card
from negcxr.finetune.tuning import Tuning
from negcxr.parameters import TAG, checked_parameters, declared, read_cells
from negcxr.runs import FINE_TUNING, METHOD_JOB, method_of, source_of

# Of what is trained: by plain contrast, with oppositions, by multiple choice, by low-rank
# changes, and with steps by layer.
METHODS = ("con1", "con2", "bi-mcq", "lora", "front-layers")
TUNED = "con1"  # stands beside the base in the looks inside
INSIDE = (
    *("30_attribution", "31_geometry", "32_heads", "33_tracing", "34_probes"),
    "35_real_sentences",
)
NOTEBOOKS = sorted(path.stem for path in paths.NOTEBOOKS.glob("[0-9]*.ipynb"))
JOBS = [
    job
    for name in NOTEBOOKS
    for job in ([METHOD_JOB + m for m in METHODS] if name == FINE_TUNING else [name])
]
# So small that nothing can be concluded; 0 images takes all that the data set has.
SMALL: dict[str, Any] = {
    **{"dataset": "folder", "n_images": 0, "n_resamples": 5, "seed": 0},
    **{"n_items": 12, "steps": 2, "training_images": 0, "validation_images": 30},
    **{"n_prompts": 3, "n_tests": 20, "n_null": 1, "n_orders": 1, "map_seeds": 1},
    **{"perplexities": "5", "perplexity": 5.0, "starts": 1, "n_sentences": 20},
    **{"n_folds": 2, "n_controls": 1, "n_practice": 80, "n_weights": 5, "n_phantoms": 80},
    **{"prompt_set": str(Path(__file__).parent / "prompts.yml")},
    **{"rates": "0,80", "cues": "no", "objectives": "statements", "n_training": 70},
    **{"artifacts": "results/none", "search": "results/none", "live_runs": ""},
}
OF_A_CHAPTER: dict[str, dict[str, Any]] = {  # whose images are phantoms in any case
    "43_reporting_bias": {"n_images": 60, "image_size": 64},
}


def executed(source: Path, values: Mapping[str, object]) -> dict[str, Any]:
    """The names that a notebook's cells leave behind, run on these parameters."""
    names: dict[str, Any] = {"__name__": source.stem}
    for number, cell in enumerate(read_cells(source)):
        if cell.kind == "code":
            exec(compile(cell.source, f"{source.name}, cell {number}", "exec"), names)
        if TAG in cell.tags:
            names |= checked_parameters(source, values)
    return names


class Way:
    """The chapters of one checkpoint, in one run's folder, each run but once.

    Attributes:
        results: The run's folder.
        tuned: By method, the encoder in memory whose weights were written.
    """

    def __init__(
        self,
        checkpoint: Path,
        root: Path,
        results: Path,
        *,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        **own: object,
    ) -> None:
        self.checkpoint, self.root, self.results = checkpoint, root, results
        self.tuned: dict[str, Any] = {}
        self._around, self._own = around, own
        self._left: dict[str, dict[str, Any]] = {}

    def run(self, job: str) -> dict[str, Any]:
        """The names that a chapter leaves behind; what it reads is run before it."""
        if job not in self._left:
            for earlier in before(job) if self._own.get("methods") != "" else ():
                self.run(earlier)
            with self._around(), made_small(self.tuned):
                self._left[job] = executed(*self.given(job))
        return self._left[job]

    def result(self, job: str) -> Path:
        """Where a chapter's numbers lie; it is run if it has not been."""
        self.run(job)
        return self.results / f"{job}.json"

    def given(self, job: str) -> tuple[Path, dict[str, object]]:
        """The notebook of a chapter, and what it runs on."""
        every = SMALL | {
            **{"checkpoint": str(self.checkpoint), "root": str(self.root)},
            **{"results": str(self.results), "methods": TUNED, "method": method_of(job)},
            # Of a sentence encoder, which no checkpoint has a part in.
            **{"text_root": "" if job.startswith("36") else "invented", **self._own},
            **OF_A_CHAPTER.get(job, {}),
        }
        source = source_of(job)
        return source, {name: every[name] for name in declared(source) if name in every}


def before(job: str) -> list[str]:
    """The chapters that a chapter reads."""
    tuned = [METHOD_JOB + TUNED]
    if job.startswith("39"):
        return [*tuned, *INSIDE]
    if job.startswith("50"):
        return [*tuned, "10_retrieval", "11_choice"]
    return tuned if job in INSIDE or job.startswith(("26", "27", "29")) else []


@contextmanager
def made_small(tuned: dict[str, Any]) -> Iterator[None]:
    """Keep what was tuned, by method; let steps that moved weights be the best; hurry."""

    def finish(run: Tuning, *rest: object) -> None:
        finished(run, *rest)
        tuned[run.method.name] = run.encoder

    finished: Callable[..., None] = trainer._finish
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "_finish", finish)
        patch.setattr(tuned_card, "RESAMPLES", 5)
        patch.setattr(curves, "VALIDATION", (*curves.VALIDATION[:2], "plain"))
        script(patch)
        yield


@contextmanager
def undrawn() -> Iterator[None]:
    """Charts left out: a table comes to them from any family in the same form."""
    with pytest.MonkeyPatch.context() as patch:
        for name in figures.__all__:
            if callable(getattr(figures, name)) and name.islower():
                patch.setattr(figures, name, lambda *_, **__: None)
        yield
