"""A check in sentences: who is there, which files, and what reports hold.

Counts alone, so that the sentences of a credentialed data set may be shown as well.

Limits: of a column with many values the most frequent are told, and how many others.
"""

from collections.abc import Iterator

from negcxr.data.check import Check
from negcxr.data.check_official import LABEL, VIEW
from negcxr.data.check_table import ages, mix

SHORT = 10  # values of a column that are told


def details_told(check: Check) -> Iterator[str]:
    """How many views and labels are as they were published, if they were."""
    rows = check.official[check.official["what"].str.startswith((VIEW, LABEL))]
    if len(rows):
        agree = int((rows["verdict"] == "as published").sum())
        yield f"views and labels: {agree} of {len(rows)} counts as published (counts.csv)"


def people_told(check: Check) -> Iterator[str]:
    """The views, the sexes and the range of ages."""
    for column in ("view", "sex"):
        rows = mix(check.dataset, column)
        first = rows.head(SHORT).itertuples(index=False)
        parts = [f"{name} {n:,} ({share:.0%})" for name, n, share in first]
        rest = len(rows) - len(parts)
        yield f"{column}: {', '.join(parts)}" + (f" and {rest:,} more" if rest else "")
    known = ages(check.dataset)
    span = f", {known.youngest:g} to {known.oldest:g} years, median {known.median:g}"
    yield f"age: known for {known.known:,} of {len(check.dataset):,}" + (
        span if known.known else ""
    )


def files_told(check: Check) -> Iterator[str]:
    """How many files are missing, do not open or are odd, and how many pictures recur."""
    n, looked = len(check.dataset), check.looked
    yield f"files: {len(check.missing):,} of {n:,} missing"
    counts = {
        "do not open": len(check.unreadable),
        "have more than 8 bits": int(looked["deep"].sum()),
        "look inverted (a guess)": int(looked["inverted"].sum()),
    }
    said = ", ".join(f"{count:,} {what}" for what, count in counts.items())
    yield f"decoded: {len(looked):,} of them; {said}"
    twins, leaks = len(check.twins), len(check.leaks)
    yield f"same picture under two names: {twins:,}, and {leaks:,} in two splits"


def reports_told(check: Check) -> Iterator[str]:
    """How many reports have which section, and how often their sentences deny."""
    if check.reports is None:
        yield "reports: none where the data set may have them"
        return
    found = check.reports
    yield (
        f"reports: asked for {found.images:,} images; {found.findings:,} have findings, "
        f"{found.impression:,} an impression, {found.neither:,} neither; "
        f"{len(found.faults):,} cannot be read"
    )
    if found.sentences:
        share = found.denying / found.sentences
        yield f"sentences: {found.sentences:,}, of which {share:.1%} have a cue of denial"
