"""What the page on scale shows: the figures of benchmarks/scale.csv, and how they grow.

The benchmark takes minutes and a machine that is named, so its table is kept in the
repository, and the page is drawn from it; nothing is measured when a book is built.
"""

import math
from decimal import ROUND_CEILING, Decimal

import altair as alt
import pandas as pd

from negcxr.book.site import Site, write
from negcxr.figures import described, small_table
from negcxr.figures.theme import coloured, in_order, shaped
from negcxr.measure.binned import SHARES

NAMES = ("scale-machine", "scale-table", "scale-growth", "scale-limit", "scale-more")
NONE = "No figure is kept: `python benchmarks/scale.py --full --write` makes them.\n"
LIMIT_S, LIMIT_MIB = 240, 4096  # of values and intervals together, and of either alone
AT_SIZE = ("values", "intervals")
PANELS = {"cpu_seconds": "seconds of work", "peak_mib": "MiB at the peak"}
WIDTH, HEIGHT = 300, 240  # pixels of a panel


def growth(site: Site) -> dict[str, str]:
    """The page's includes by name; each says so where nothing was measured."""
    kept = site.root / "benchmarks" / "scale.csv"
    if not kept.is_file():
        return dict.fromkeys(NAMES, NONE)
    table = pd.read_csv(kept)
    made = _machine(table), _table(table), _growth(site, table), _limit(table), _more(table)
    return {name: f"{text}\n" for name, text in zip(NAMES, made, strict=True)}


def _machine(table: pd.DataFrame) -> str:
    one, waiting = table.iloc[-1], table["waiting"]
    said = [
        f"Measured {_runs(table)} on {' and '.join(sorted({*table['date']}))} on "
        f"{one['processor']} ({one['system']}), {one['threads']} threads.",
        f"Between {waiting.min():.0f} and {waiting.max():.0f} processes wanted to run at "
        "once, with the benchmark's own.",
    ]
    if waiting.max() > 2 * one["threads"]:
        said.append(
            "So work (processor time of all threads) and the clock differ, and work is "
            "more than on an idle machine."
        )
    return " ".join(said)


def _runs(table: pd.DataFrame) -> str:
    """In how many runs, and whether the last came to its end, as far as it is kept."""
    if "run" not in table or table["run"].nunique() > 1:
        return "in more runs than one"
    if len(table) < table["rows"].max():
        return f"in a run that stopped after {len(table)} of {table['rows'].max()} rows"
    return "in one run"


def _table(table: pd.DataFrame) -> str:
    shown = table[["images", "what", "queries", "resamples"]].assign(
        images=table["images"].map("{:,}".format),
        **{
            "work, s": table["cpu_seconds"],
            "clock, s": table["seconds"],
            "peak, MiB": table["peak_mib"],
        },
    )
    return str(small_table(shown, "Work, time and memory by number of images", digits=1))


def _growth(site: Site, table: pd.DataFrame) -> str:
    """The picture, and what there is to see in it in words."""
    file = site.generated / "scale-growth.svg"
    write(file, picture(table))
    return f"![{_in_words(_grown(table))}](/generated/{file.name})"


def picture(table: pd.DataFrame) -> str:
    """Work and memory by number of images, both on logarithmic scales, as SVG."""
    import vl_convert  # not there where the book is not drawn, as on a GPU server

    lines, series = _grown(table), ".".join(alt.VEGALITE_VERSION.split(".")[:2])
    chart = _chart(lines, _in_words(lines))
    return vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=series)


def _grown(table: pd.DataFrame) -> pd.DataFrame:
    """What was measured at more than one size; the rest is no line."""
    rows = table[table.groupby("what")["images"].transform("nunique") > 1]
    return rows.sort_values("images", kind="stable")


def _in_words(table: pd.DataFrame) -> str:
    told = []
    for what, rows in table.groupby("what", sort=False):
        few, many = rows.iloc[0], rows.iloc[-1]
        told.append(
            f"{what}, from {few['images']:,} to {many['images']:,} images: work from "
            f"{few['cpu_seconds']:.0f} to {many['cpu_seconds']:.0f} seconds, peak from "
            f"{few['peak_mib']:,} to {many['peak_mib']:,} MiB"
        )
    return "Two charts with logarithmic scales, by number of images. " + "; ".join(told)


def _chart(table: pd.DataFrame, words: str) -> alt.TopLevelMixin:
    names = in_order(table["what"])
    across = alt.X("images:Q", scale=alt.Scale(type="log"), axis=_axis("images", ".0s"))
    panels = []
    for column, title in PANELS.items():
        up = alt.Y(f"{column}:Q", scale=alt.Scale(type="log"), axis=_axis(title, "~s"))
        told = {"color": coloured("what", names), "shape": shaped("what", names)}
        base = alt.Chart(table).encode(x=across, y=up)
        line = base.mark_line(strokeWidth=2).encode(color=told["color"])
        points = base.mark_point(filled=True, size=70, opacity=1).encode(**told)
        panels.append(alt.layer(line, points).properties(width=WIDTH, height=HEIGHT))
    return described(alt.hconcat(*panels), words)


def _axis(title: str, form: str) -> alt.Axis:
    return alt.Axis(title=title, format=form, tickCount=5)


def _limit(table: pd.DataFrame) -> str:
    """The largest gallery against what was asked for, and against the usual path."""
    both = table[table["what"].isin(AT_SIZE)]
    whole = both.groupby("images")["what"].transform("nunique") == len(AT_SIZE)
    if not whole.any():
        return NONE
    size = both[whole]["images"].max()
    rows = both[both["images"] == size]
    work, clock, peak = rows["cpu_seconds"].sum(), rows["seconds"].sum(), rows["peak_mib"]
    threads = int(rows["threads"].iloc[0])
    kept = "within" if clock <= LIMIT_S else "above"
    alone = "within" if work / threads <= LIMIT_S else "above"
    small = "within" if peak.max() <= LIMIT_MIB else "above"
    return (
        f"For {size:,} images, values and intervals together took {work:.0f} seconds of "
        f"work and {clock:.0f} by the clock; the clock is {kept} the aim of {LIMIT_S} "
        f"seconds on two cores. Where {threads} threads have a core each to themselves "
        f"and share the work evenly, it is {work / threads:.0f} seconds, {alone} the aim; "
        f"that is worked out, not measured. The peak, {peak.max():,} MiB, is {small} the "
        f"aim of {LIMIT_MIB:,}."
    )


def _more(table: pd.DataFrame) -> str:
    """The usual path, bins, half precision, products alone: a sentence each."""
    told = {"in memory": _usual, "binned": _binned, "half precision": _half}
    said = [
        f"- {tell(at, table)}"
        for what, tell in (told | {"scores alone": _alone}).items()
        for _, at in table[table["what"] == what].tail(1).iterrows()
    ]
    return "\n".join(said) or NONE


def _usual(at: pd.Series, table: pd.DataFrame) -> str:
    ours = table[(table["what"] == "intervals") & (table["images"] == at["images"])]
    ratio = at["cpu_seconds"] / ours["cpu_seconds"].iloc[0]
    where = ", where nothing is lost in a bin," if at["images"] <= SHARES else ""
    return (
        f"At {at['images']:,} images{where} the usual path, which holds every score, takes "
        f"{ratio:.1f} times the work for the same intervals; no value and no end of an "
        f"interval differs by more than {_at_most(at['largest_gap'])}."
    )


def _binned(at: pd.Series, _: pd.DataFrame) -> str:
    return (
        f"At {at['images']:,} images, {at['queries']} queries for which more than "
        f"{SHARES:,} images are relevant, so that bins lose something: on the sample and "
        f"{at['resamples']:,} resamples, no AUROC and no average precision differs from "
        f"that of the whole ranking by more than {_at_most(at['largest_gap'])}."
    )


def _half(at: pd.Series, _: pd.DataFrame) -> str:
    return (
        f"Rows in half precision at {at['images']:,} images: no AUROC of "
        f"{at['queries']:,} prompts moved by more than {_at_most(at['auroc_moved'])}."
    )


def _alone(at: pd.Series, _: pd.DataFrame) -> str:
    pairs = at["images"] * at["queries"] / at["cpu_seconds"]
    rate, digits = 2 * pairs * at["dim"] / 1e9, 10 ** math.floor(math.log10(pairs))
    return (
        f"Scores alone, {at['images']:,} images of {at['dim']:.0f} numbers against "
        f"{at['queries']:,} prompts: {at['cpu_seconds']:.1f} seconds of work, about "
        f"{pairs // digits * digits:,.0f} scores in a second of one core "
        f"({rate:.0f} billion additions and multiplications)."
    )


def _at_most(value: float) -> str:
    """One digit, rounded up: what is said not to be passed must not be."""
    exact = Decimal(repr(float(value)))
    step = Decimal(1).scaleb(exact.adjusted())
    return f"{float(exact.quantize(step, ROUND_CEILING)):.0e}"
