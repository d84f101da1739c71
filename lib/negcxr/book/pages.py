"""The pages and includes that are made of results, in ``book/generated/``.

Each is Markdown that a page of the book includes, or a page of its own. What a page says
in words stands in the page; what it says in numbers stands here.
"""

from collections.abc import Mapping

import pandas as pd
import yaml

from negcxr.book import choosing
from negcxr.book.answers import answer_table, answering, footnotes, has_answers
from negcxr.book.claims import claims_table
from negcxr.book.films import films
from negcxr.book.growth import growth
from negcxr.book.neighbours import neighbours
from negcxr.book.origins import listed_origins, origin
from negcxr.book.site import Site, write
from negcxr.book.status import citation, kept_of, made_of, run_list, status
from negcxr.book.toc import run_page
from negcxr.data.labels import POLICIES
from negcxr.exposures import sentence
from negcxr.figures import small_table
from negcxr.live import LIVE
from negcxr.paths import ROOT
from negcxr.results import Result, read_table

COMPARISON, LANDING = "29_comparison", "landing"  # the table of remedies, and its chapter
WORDS = ROOT / "lib" / "negcxr" / "text" / "words"


def write_pages(site: Site, run: str) -> None:
    """Write every include, and a page for each run that is not the one shown.

    Raises:
        InputError: The run shown lacks a number that a page needs.
    """
    texts = {
        "answer": answer(site, run),
        "remedies": remedies(site, run),
        "claims": claims_table(site, run),
        "status": status(site, run),
        "runs": run_list(site, run),
        "citation": citation(site, run),
        "policies": policies(),
        "words": finding_words(),
        "cues": cues(),
        **films(site),
        **growth(site),
        **neighbours(site),
        **choosing.includes(),
    }
    for name, text in texts.items():
        write(site.generated / f"{name}.md", text)
    for other in site.runs():
        if other != run:
            write(site.book / f"{run_page(other)}.md", one_run(site, other))


def answer(site: Site, run: str) -> str:
    """The landing page's table, whose numbers they are, and what the model has seen."""
    runs = answering(site, run)
    caption = "Retrieval and multiple choice by run: value with its 95 % interval"
    parts = [whose(site, run), str(small_table(answer_table(runs), caption))]
    others = {name: results for name, results in runs.items() if name != run}
    parts += [origins(site, others)]
    parts += [footnotes(runs.values()), sentence(next(iter(runs[run].values())))]
    return "\n\n".join(part for part in parts if part) + "\n"


def whose(site: Site, run: str) -> str:
    """Which run the numbers of the landing page are from, in one line."""
    line = origin(run, site.results(run), _where(site, run), [COMPARISON])
    return f"The numbers on this page are of the run {line}."


def origins(site: Site, runs: Mapping[str, Mapping[str, Result]]) -> str:
    """Where the other rows of a table are from, a line a run; empty where there is none."""
    lines = [origin(name, results, _where(site, name)) for name, results in runs.items()]
    return f"The other rows of the table:\n\n{listed_origins(lines)}" if lines else ""


def _where(site: Site, run: str) -> str:
    kept = site.kept().get(run)
    return str(kept.relative_to(site.root)) if kept else LIVE


def remedies(site: Site, run: str) -> str:
    """The landing page's table of remedies, or that the run shown compared none."""
    if COMPARISON not in site.results(run):
        return f"The study of the run `{run}` compared no remedies.\n"
    table = read_table(site.result_path(run, COMPARISON), LANDING)
    caption = "Remedies by base and scorer: value with its 95 % interval"
    note = footnotes([site.results(run)])
    return "\n\n".join([str(small_table(table, caption)), *([note] if note else [])]) + "\n"


def one_run(site: Site, run: str) -> str:
    """The page of a run that is not the one shown."""
    results, parts = site.results(run), [f"# Run {run}", made_of(site, run)]
    if run in site.kept():
        parts[0] = f"# Kept run {run}"
        parts.append(kept_of(site, run))
    if has_answers(results):
        caption = f"Retrieval and multiple choice in the run {run}"
        parts.append(str(small_table(answer_table({run: results}), caption)))
        parts += [note] if (note := footnotes([results])) else []
    parts.append(
        "The chapters of this run follow in the contents; "
        "their words are those of the run shown, their numbers are this run's."
    )
    return "\n\n".join(parts) + "\n"


def policies() -> str:
    """Every policy by name, and what it does with each of the four values."""
    rows = [{"policy": name, "meaning": rule.meaning} for name, rule in POLICIES.items()]
    return f"{small_table(pd.DataFrame(rows), 'The policies by name')}\n"


def finding_words() -> str:
    """The words for each finding and for its absence, from the word list."""
    entries = yaml.safe_load((WORDS / "findings.yml").read_text("utf-8"))
    rows = [
        {
            "finding": finding,
            "phrase": entry["phrase"],
            "equivalents of its absence": "; ".join(entry.get("equivalents", [])),
        }
        for finding, entry in entries.items()
    ]
    caption = "Each finding in words, and affirmed wordings of its absence"
    return f"{small_table(pd.DataFrame(rows), caption)}\n"


def cues() -> str:
    """The cues that are known, by kind."""
    entries = yaml.safe_load((WORDS / "cues.yml").read_text("utf-8"))["cues"]
    columns = ("cue", "position", "kind")
    rows = [{name: entry[name] for name in columns} for entry in entries]
    caption = "Cues: where each stands and what it does to the words it works on"
    return f"{small_table(pd.DataFrame(rows), caption)}\n"
