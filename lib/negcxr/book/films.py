"""What the page on real films shows: the kept run that was fine-tuned on them, as tables.

Films belong to no default study, so the page draws from what was kept, whatever run the
book shows.

Limits: a table by method is as wide as there are methods.
"""

from pathlib import Path

import pandas as pd

from negcxr.book.site import Site
from negcxr.figures import small_table
from negcxr.figures.tables import with_interval
from negcxr.results import read_table
from negcxr.runs import METHOD_JOB, method_of

RUN = "cpu-films-films"  # as the book calls the kept run
NAMES = ("films-findings", "films-changes", "films-views")
SHORTCUTS = "13_shortcuts"
LEVEL = 0.05  # of a corrected p
MARKED = (
    "the base, and the paired change by each method with its 95 % interval, starred where "
    "p, corrected over the rows by Holm, is below 0.05; detectable is the smallest change "
    "that the sample would find in 80 of 100 tries, of the method for which it is largest"
)


def films(site: Site) -> dict[str, str]:
    """The page's includes by name; each says so where no such run is kept.

    Raises:
        InputError: A result of the run lacks a table.
    """
    folder = site.kept().get(RUN)
    if folder is None:
        return dict.fromkeys(NAMES, "No run on films is kept.\n")
    shown = (
        small_table(by_finding(folder), "Affirmed AUROC of the base by finding and view"),
        small_table(by_method(folder, "changes", ["measure"]), f"By measure: {MARKED}"),
        small_table(
            by_method(folder, "views", ["view", "polarity"]), f"Within each view: {MARKED}"
        ),
    )
    return {name: f"{table}\n" for name, table in zip(NAMES, shown, strict=True)}


def by_finding(folder: Path) -> pd.DataFrame:
    """The base's affirmed AUROC, a row a finding, a column a view, or why there is none."""
    table = read_table(folder / f"{SHORTCUTS}.json", "view")
    known = zip(table["value"], table["low"], table["high"], table["note"], strict=True)
    said = [note or with_interval(value, low, high) for value, low, high, note in known]
    cells = table.assign(said=said)
    wide = cells.pivot(index="finding", columns="gallery", values="said")
    return wide.reindex(columns=cells["gallery"].unique()).reset_index()


def by_method(folder: Path, name: str, by: list[str]) -> pd.DataFrame:
    """A row a measure or part: the base, a column a method with its change, detectable."""
    jobs = sorted(path.stem for path in folder.glob(f"{METHOD_JOB}*.json"))
    tables = {method_of(job): read_table(folder / f"{job}.json", name) for job in jobs}
    first = next(iter(tables.values()))
    columns = {method: _changes(table) for method, table in tables.items()}
    detectable = pd.concat([table["detectable"] for table in tables.values()], axis=1)
    base = zip(first["before"], first["before_low"], first["before_high"], strict=True)
    return first[by].assign(
        base=[with_interval(*value) for value in base],
        **columns,
        detectable=detectable.max(axis=1),
    )


def _changes(table: pd.DataFrame) -> list[str]:
    known = table[["change", "change_low", "change_high", "p_holm"]].to_numpy(dtype=float)
    return [
        with_interval(value, low, high) + (" *" if p < LEVEL else "")
        for value, low, high, p in known
    ]
