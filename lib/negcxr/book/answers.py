"""The answer in one table: a row for each run and scorer, from the runs' own results.

The same frame stands on the landing page, on a run's page and in the README, so that
they cannot disagree.
"""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from negcxr.artifacts.form import CRATE
from negcxr.book.numbers import full, number, scalar
from negcxr.book.site import Site
from negcxr.errors import InputError
from negcxr.exposures import footnote, mark_of, word_of
from negcxr.models.ledger import MARK
from negcxr.results import Estimate, Result, read_result


class Cell(NamedTuple):
    """Where a column finds its number: notebook and scalar, of the encoder or the rule."""

    column: str
    encoder: tuple[str, str]
    rule: tuple[str, str]


COLUMNS = (
    Cell(  # with nothing denied, the rule takes the encoder's score as it is
        "affirmed AUROC",
        ("10_retrieval", "affirmed_auroc"),
        ("10_retrieval", "affirmed_auroc"),
    ),
    Cell(
        "denied AUROC",
        ("10_retrieval", "denied_auroc"),
        ("13_shortcuts", "rule_denied_auroc"),
    ),
    Cell("gap", ("10_retrieval", "auroc_gap"), ("13_shortcuts", "rule_auroc_gap")),
    Cell(
        "composite AUROC",
        ("10_retrieval", "composite_auroc"),
        ("13_shortcuts", "rule_composite_auroc"),
    ),
    Cell(
        "choice, affirmed",
        ("11_choice", "affirmed_accuracy"),
        ("11_choice", "rule_affirmed_accuracy"),
    ),
    Cell(
        "choice, denied",
        ("11_choice", "denied_accuracy"),
        ("11_choice", "rule_denied_accuracy"),
    ),
    Cell(
        "choice, hybrid",
        ("11_choice", "hybrid_accuracy"),
        ("11_choice", "rule_hybrid_accuracy"),
    ),
)
DEFAULT = "cpu-default"  # the artifact of the default study
CHANCE_OF_GAP = 0.0  # chance is the same for both polarities, so their gap is none
ABSENT = "\N{EN DASH}"

Results = Mapping[str, Result]


def require_answers(results: Results, run: str) -> None:
    """Refuse a run that does not answer every column.

    Raises:
        InputError: Names the run, the notebook and the scalar that is missing.
    """
    for cell in COLUMNS:
        notebook, name = cell.encoder
        if notebook not in results:
            raise InputError(f"run {run!r} has no result of {notebook}; execute it first")
        scalar(results[notebook], name)


def has_answers(results: Results) -> bool:
    """Whether a run answers any column for its encoder; the rule alone answers nothing."""
    return any(estimate(results, cell.encoder) for cell in COLUMNS)


def answer_table(runs: Mapping[str, Results]) -> pd.DataFrame:
    """Two rows a run, encoder and parsing rule, and one for chance; cells are text.

    Args:
        runs: The results of each run by notebook, in the order of the rows.
    """
    rows = []
    for run, results in runs.items():
        who = {"run": f"{run}: {_measured(results)}"}
        rows.append({**who, "scorer": "encoder", **_cells(results, rule=False)})
        rows.append({**who, "scorer": "parsing rule", **_cells(results, rule=True)})
    first = next(iter(runs.values()), {})
    rows.append({"run": "any", "scorer": "chance", **_chances(first)})
    return pd.DataFrame(rows)


def answers(site: Site, run: str) -> pd.DataFrame:
    """The table of a project: the run shown first, then every other that has answers.

    Raises:
        InputError: The run shown lacks a number.
    """
    return answer_table(answering(site, run))


def answering(site: Site, run: str) -> dict[str, dict[str, Result]]:
    """The results of the runs that have answers: the run shown first.

    An embedded checkpoint that none of them measured is there from the kept default study.

    Raises:
        InputError: The run shown lacks a number.
    """
    shown = site.results(run)
    require_answers(shown, run)
    others = {name: site.results(name) for name in site.runs() if name != run}
    found = {run: shown} | {name: one for name, one in others.items() if has_answers(one)}
    return found | _embedded(site, {_checkpoint(results) for results in found.values()})


def _embedded(site: Site, known: Collection[str]) -> dict[str, dict[str, Result]]:
    """What was kept of the checkpoints of the default study that are not known."""
    kept = {
        name: results_in(folder)
        for name, folder in site.kept().items()
        if folder.parent.name == DEFAULT
    }
    return {
        name: results
        for name, results in kept.items()
        if has_answers(results) and _checkpoint(results) not in known
    }


def results_in(folder: Path) -> dict[str, Result]:
    """The results in a folder by notebook; what an artifact says of itself is none."""
    paths = [path for path in sorted(folder.glob("*.json")) if path.name != CRATE]
    return {path.stem: read_result(path) for path in paths}


def _checkpoint(results: Results) -> str:
    """The checkpoint that a run measured; nothing where no result names one."""
    made = (result.provenance.checkpoint for result in results.values())
    return next((one.name for one in made if one), "")


def footnotes(runs: Iterable[Results]) -> str:
    """What the mark in a table means, a line a source; empty where none is marked."""
    notes = [footnote(result) for results in runs for result in results.values()]
    return "\n".join(f"{MARK} {note}." for note in dict.fromkeys(notes) if note)


def markdown(table: pd.DataFrame) -> str:
    """The table as Markdown, for pages that no style sheet reaches."""
    head = "| " + " | ".join(table.columns) + " |"
    rule = "|" + " --- |" * len(table.columns)
    rows = ["| " + " | ".join(row) + " |" for row in table.itertuples(index=False)]
    return "\n".join([head, rule, *rows]) + "\n"


def estimate(results: Results, place: tuple[str, str]) -> Estimate | None:
    """One number of a run, or None where the run does not have it."""
    if place[0] not in results:
        return None
    return results[place[0]].scalars.get(place[1])


def _measured(results: Results) -> str:
    """What a run measured, on what, and whether it was seen: ``phantom-web, phantoms``."""
    result = next(iter(results.values()))
    made = result.provenance
    if made.checkpoint is None or made.dataset is None:
        return ABSENT
    known = {"unknown": "; seen: unknown"}.get(word_of(result), mark_of(result))
    return f"{made.checkpoint.name}, {made.dataset.kind}{known}"


def _cells(results: Results, *, rule: bool) -> dict[str, str]:
    cells = {}
    for cell in COLUMNS:
        place = cell.rule if rule else cell.encoder
        known = estimate(results, place)
        cells[cell.column] = full(known) + mark_of(results[place[0]]) if known else ABSENT
    return cells


def _chances(results: Results) -> dict[str, str]:
    found = {c.column: estimate(results, c.encoder) for c in COLUMNS}
    chances = {column: known.chance if known else None for column, known in found.items()}
    return {c: number(v) for c, v in (chances | {"gap": CHANCE_OF_GAP}).items()}
