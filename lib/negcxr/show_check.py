"""Shows on a terminal what a check of a data set found.

Of a credentialed data set only counts are shown: what scrolls over a screen is copied
into mails and tickets, and a file's name there is a patient's.
"""

from collections.abc import Iterator
from numbers import Integral

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from negcxr.checking import Report
from negcxr.data.check import Check
from negcxr.data.check_labels import denial_factor, label_counts, policy_counts
from negcxr.data.check_official import LABEL, VIEW
from negcxr.data.check_policies import askable
from negcxr.data.check_sheet import why_no_sheet
from negcxr.data.check_words import (
    details_told,
    files_told,
    people_told,
    reports_told,
)

WIDE = 110  # letters a line where nobody watches, as in a file
MANY = 100  # from here on a factor has no decimals
SHORT = 10  # rows of what to mend that a terminal shows
NONE_STATED = "none stated"
COUNTS_ALONE = (
    "its terms let no row of it leave the machine: here are counts alone, and "
    "to-mend.csv names files and patients, so keep it where the data are"
)


def print_check(report: Report) -> None:
    """Print a check: counts, people, labels, files, reports, verdicts, what to mend."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDE)
    for part in _parts(report):
        # Rich would read brackets in a name as markup.
        console.print(part, markup=not isinstance(part, str))


def _parts(report: Report) -> Iterator[str | Table]:
    check, policy = report.check, report.policy
    data = check.dataset
    yield f"{data.name}: {len(data):,} {data.kind}"
    yield data.terms
    if data.credentialed:
        yield COUNTS_ALONE
    yield _table("Counts", _counts(check))
    yield from (*details_told(check), *people_told(check))
    yield _table("Labels, and how denials grow if blanks count as absent", _labels(check))
    yield _table(f"Labels as {policy} reads them", _read(check, policy))
    yield from (*files_told(check), *reports_told(check))
    yield _table(_verdict_title(check, report.least), _verdicts(check, policy))
    yield _askable(check, policy, report.least)
    yield from _mending(check)
    yield from _written(report)


def _table(title: str, rows: pd.DataFrame) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for place, (name, column) in enumerate(rows.items()):
        side = "right" if pd.api.types.is_numeric_dtype(column) else "left"
        table.add_column(str(name), justify=side, no_wrap=place == 0)
    for row in rows.itertuples(index=False):
        table.add_row(*map(_cell, row))
    return table


def _cell(value: object) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:,.1f}" if value < MANY else f"{value:,.0f}"
    if isinstance(value, Integral):
        return f"{value:,}"
    # A name out of a file may hold what steers a terminal, or looks like markup.
    return "".join(c if c.isprintable() else "?" for c in str(value)).replace("[", r"\[")


def _counts(check: Check) -> pd.DataFrame:
    """Totals, and of views and labels those that are not as they were published."""
    rows = check.official
    is_other = rows["verdict"].str.startswith(("differs", "more"))
    rows = rows[~rows["what"].str.startswith((VIEW, LABEL)) | is_other]
    rows = rows.rename(columns={"what": "", "verdict": "so it is"})
    return rows if rows["official"].notna().any() else rows[["", "split", "here"]]


def _labels(check: Check) -> pd.DataFrame:
    factors = denial_factor(check.dataset)["factor"]
    grown = [NONE_STATED if pd.isna(f) else f"x {_cell(f)}" for f in factors]
    rows = label_counts(check.dataset).rename(columns={"unmentioned": "blank"})
    return rows.assign(**{"denials grow": grown})


def _read(check: Check, policy: str) -> pd.DataFrame:
    counts = policy_counts(check.dataset)
    judged = counts[counts["policy"] == policy].drop(columns="policy")
    return judged.rename(columns={"not_judged": "not judged"})


def _verdict_title(check: Check, least: int) -> str:
    n = len(check.dataset.in_split(check.split))
    where = "all images" if check.split == "all" else f"split {check.split}"
    return (
        f"What can be asked ({where}, {n:,} images; askable with {least} that have it "
        f"and {least} that lack it)"
    )


def _verdicts(check: Check, policy: str) -> pd.DataFrame:
    n, rows = len(check.dataset.findings), check.verdicts
    shown = {
        "policy": [f"{name} *" if name == policy else name for name in rows["policy"]],
        "askable": [f"{k} of {n}" for k in rows["askable"]],
        "A without B": rows["pairs"],
        "too few lack it": _briefly(rows["too_few_absent"], n),
        "too few have it": _briefly(rows["too_few_present"], n),
    }
    return pd.DataFrame(shown)


def _briefly(lists: pd.Series, n: int) -> list[str]:
    """Names of findings; "all" of them, or what stands in the row above, not once more."""
    cells = [f"all {n}" if cell.count(",") == n - 1 and cell else cell for cell in lists]
    above = ["", *cells]
    return ["as above" if c and c == a else c for c, a in zip(cells, above, strict=False)]


def _askable(check: Check, policy: str, least: int) -> str:
    table = askable(check.dataset.in_split(check.split), least)
    can = table[(table["policy"] == policy) & (table["lacks"] == "")]
    return f"* {policy} can ask: {', '.join(can['finding']) or 'nothing'}"


def _mending(check: Check) -> Iterator[str | Table]:
    rows = check.to_mend()
    if rows.empty:
        yield "to mend: nothing in what was looked at"
        return
    kinds = rows["what"].value_counts(sort=False)
    counts = ", ".join(f"{what} {n:,}" for what, n in kinds.items())
    yield f"to mend: {counts}"
    if check.dataset.credentialed:
        return
    yield _table("The first to mend", rows.head(SHORT))
    if len(rows) > SHORT:
        yield f"and {len(rows) - SHORT:,} more in to-mend.csv"


def _written(report: Report) -> Iterator[str]:
    names = ", ".join(path.name for path in report.files)
    yield f"written to {report.files[0].parent}: {names}"
    reason = why_no_sheet(report.check.dataset)
    if reason:
        yield f"no picture of samples: {reason}"
