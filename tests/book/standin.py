"""A small project with made-up results and notebooks that look executed.

It lets the book be built and read in seconds, without a model: the pages, extensions
and configuration are the project's own, the numbers are invented here.
"""

import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from negcxr import figures
from negcxr.artifacts.form import CRATE
from negcxr.paths import ROOT
from negcxr.provenance import CheckpointRecord, DatasetRecord, Provenance
from negcxr.results import Estimate, Result

FINDINGS = ("Cardiomegaly", "Edema", "Pleural Effusion", "Enlarged Cardiomediastinum")
SCALARS = {
    "10_retrieval": {
        "affirmed_auroc": (0.94, 0.5),
        "denied_auroc": (0.12, 0.5),
        "auroc_gap": (0.82, None),
        "composite_auroc": (0.21, 0.5),
    },
    "11_choice": {
        "affirmed_accuracy": (0.71, 0.25),
        "denied_accuracy": (0.08, 0.25),
        "hybrid_accuracy": (0.33, 0.25),
    },
    "12_cues": {"no_auroc": (0.13, 0.5)},
    "13_shortcuts": {"rule_denied_auroc": (0.94, 0.5), "rule_composite_auroc": (0.9, 0.5)},
}


def make_project(root: Path, runs: tuple[str, ...] = ("default", "clinic")) -> Path:
    """A project at ``root`` with the real pages and invented results of ``runs``."""
    ignored = shutil.ignore_patterns("executed", "generated", "vega-bundle.js")
    shutil.copytree(ROOT / "book", root / "book", ignore=ignored)
    shutil.copy(ROOT / "_config.yml", root)
    films = Path("artifacts", "cpu-films")  # pages have numbers of these kept runs
    parts = shutil.ignore_patterns("*.ipynb", CRATE)  # not all of it is wanted here
    shutil.copytree(ROOT / films, root / films, ignore=parts)
    inside = Path("artifacts", "cpu-inside", "inside-web", "39_what_changed.json")
    (root / inside).parent.mkdir(parents=True)
    shutil.copy(ROOT / inside, root / inside)
    minilm = Path("artifacts", "cpu-minilm", "minilm")
    (root / minilm).mkdir(parents=True)
    for path in sorted((ROOT / minilm).glob("*.json")):
        shutil.copy(path, root / minilm)
    for run in runs:
        for notebook in SCALARS:
            write_result_of(root, run, notebook)
            write_notebook(root, run, notebook)
        write_record(root, run, [*SCALARS])
    return root


def write_record(root: Path, run: str, notebooks: list[str]) -> None:
    """The file that says which notebooks the study of ``run`` asked for."""
    path = root / "results" / run / "run.yml"
    path.write_text(yaml.safe_dump({"notebooks": notebooks}))


def estimate(value: float, chance: float | None = None) -> Estimate:
    """A value with an interval of a width that is easy to see."""
    low, high = value - 0.04, value + 0.04
    return Estimate(value=value, low=low, high=high, n=200, prevalence=0.3, chance=chance)


def write_result_of(root: Path, run: str, notebook: str) -> Path:
    """The JSON that ``notebook`` would have written in ``run``."""
    result = Result(
        notebook=notebook,
        run=run,
        parameters={
            **{"checkpoint": f"checkpoints/{run}", "split": "test"},
            **{"n_images": 200, "seed": 0},
        },
        provenance=_provenance(run),
        scalars={name: estimate(*numbers) for name, numbers in SCALARS[notebook].items()},
        tables={},
    )
    path = root / "results" / run / f"{notebook}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(result.model_dump_json(indent=1))
    return path


def write_notebook(root: Path, run: str, notebook: str) -> Path:
    """A notebook that looks executed; the retrieval chapter has every kind of figure."""
    title = notebook[3:].capitalize()
    say = (
        f"# {title}\n\nDenied prompts: {{result}}`10_retrieval::denied_auroc`, "
        "from {parameter}`10_retrieval::n_images` images; see {chapter}`11_choice`."
    )
    cells = [new_markdown_cell(say), executed("seed: int = 0", tags=["parameters"])]
    if notebook == "10_retrieval":
        cells += [executed("figures.show()", shows=html) for html in every_figure()]
    path = root / "book" / "executed" / run / f"{notebook}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    python = {"name": "python", "pygments_lexer": "ipython3"}
    nbformat.write(new_notebook(cells=cells, metadata={"language_info": python}), path)
    return path


@cache
def every_figure() -> list[str]:
    """Every kind of figure as it stands in a page, drawn once for all tests."""
    strip = figures.text_strip(["no", "edema"], [-0.2, 0.4], description="Tokens")
    table = figures.small_table(tidy(), "Numbers")
    parts = (dots(), scatter(), grid(), wall(), table, picked(), strip)
    return [
        part._repr_html_()
        if isinstance(part, figures.Html)
        else part._repr_mimebundle_()["text/html"]
        for part in parts
    ]


def executed(source: str, *, shows: str = "", tags: list[str] | None = None):
    """A code cell with a count and, maybe, one output of HTML."""
    data = {"text/html": shows, "text/plain": "figure"}
    outputs = [new_output("execute_result", data=data, execution_count=1)] if shows else []
    metadata = {"tags": tags or []}
    return new_code_cell(source, outputs=outputs, execution_count=1, metadata=metadata)


def tidy() -> pd.DataFrame:
    """Values by scorer, finding and polarity, one of them not evaluable."""
    rows = [
        {"scorer": scorer, "finding": finding, "polarity": polarity, "value": value}
        for scorer, denied in (("encoder", 0.12), ("parsing rule", 0.93))
        for finding in FINDINGS
        for polarity, value in (("affirmed", 0.94), ("denied", denied))
    ]
    table = pd.DataFrame(rows)
    table["value"] += np.linspace(-0.04, 0.03, len(table))
    table = table.assign(low=table["value"] - 0.05, high=table["value"] + 0.03)
    table.loc[5, ["value", "low", "high"]] = np.nan
    return table.assign(n=200, prevalence=0.3, chance=0.5, note="")


def dots():
    """Intervals by finding, in two groups."""
    return figures.interval_dots(
        tidy(), group="scorer", description="AUROC by finding for two scorers."
    )


def picked():
    """Values of which lists pick some, as where runs stand side by side."""
    table = tidy().assign(row=lambda known: known["scorer"] + "\t" + known["finding"])
    return figures.picked_dots(
        table.rename(columns={"scorer": "found in"}),
        picks={"polarity": "denied", "found in": "all", "finding": "all"},
        colour="found in",
        description="Denied AUROC of two scorers, to pick from.",
    )


def scatter():
    """Affirmed against denied AUROC."""
    wide = tidy().pivot_table(
        index=["scorer", "finding"], columns="polarity", values="value"
    )
    return figures.polarity_scatter(
        wide.reset_index(), description="The encoder lies on the line of the deaf."
    )


def grid():
    """Confusions of three types."""
    kinds = ("affirmed", "denied", "hybrid")
    rows = [
        {"truth": truth, "chosen": chosen, "share": 0.8 if truth == chosen else 0.1}
        for truth in kinds
        for chosen in kinds
    ]
    return figures.confusions(pd.DataFrame(rows), description="Most choices are right.")


def wall():
    """Six images for each of two findings and two wordings."""
    rng = np.random.default_rng(0)
    pictures = [
        {
            "image": f"phantom {n}",
            "url": figures.thumbnail(
                Image.fromarray(rng.integers(0, 255, (80, 80), np.uint8))
            ),
            "truth": "Pleural Effusion, Edema, Support Devices" if n % 2 else "",
        }
        for n in range(12)
    ]
    hits = [
        {
            "finding": finding,
            "wording": wording,
            "prompt": f"{wording} {finding}",
            "rank": rank,
            "image": f"phantom {(rank + shift) % 12}",
            "contradicts": (0.0, 1.0, float("nan"))[rank % 3],
        }
        for shift, finding in enumerate(FINDINGS[:2])
        for wording in ("chest x-ray with", "no")
        for rank in range(1, 7)
    ]
    return figures.gallery(
        pd.DataFrame(hits),
        pd.DataFrame(pictures),
        description="What each prompt retrieves.",
    )


def _provenance(run: str) -> Provenance:
    return Provenance(
        package="0.1.0",
        commit="0123456789abcdef",
        dirty=False,
        started=datetime(2026, 1, 2, tzinfo=UTC),
        seconds=12.3,
        python="3.11.0",
        platform="Linux x86_64",
        device="a processor",
        dtype="float32",
        threads=2,
        versions={"numpy": "2.0.0", "torch": "2.13.0"},
        checkpoint=CheckpointRecord(
            name=f"phantom-{run}", family="clip", fingerprint="ab" * 32
        ),
        dataset=DatasetRecord(
            name="phantoms",
            kind="phantoms",
            fingerprint="cd" * 32,
            n_images=200,
            n_patients=200,
            terms="drawn by the study, CC BY 4.0",
        ),
        policy="explicit",
        seed=0,
    )
