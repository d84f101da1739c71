"""What a reader chooses among: checkpoints, data sets, and what one has seen of the other.

The page on choosing says in words what follows; the facts stand in the catalogue, the
layouts and the ledger, each with its source, and are tabled here as they are.

Limits: a fact is as old as its entry; a licence is named, not explained by a lawyer.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from negcxr.data import layout_file, nih, phantoms
from negcxr.data.check_official import OFFICIAL
from negcxr.data.registry import DATASETS
from negcxr.figures import small_table
from negcxr.models.catalogue import entries
from negcxr.models.cost import IMAGES, TEXTS, in_words, size_in_words
from negcxr.models.ledger import MARK, exposure, ledger, names

UNKNOWN = "unknown"


class Own(NamedTuple):
    """A data set whose layout is written in Python: what the layouts say of the others."""

    title: str
    terms: str
    blank: str
    policy: str


OWN = {
    "phantoms": Own(
        "phantoms", phantoms.TERMS, "there is none: the truth is known", "explicit"
    ),
    "nih": Own(
        "ChestX-ray14",
        nih.TERMS,
        "the program that read the report listed no such finding",
        "blank-absent",
    ),
    "folder": Own(
        "your own images",
        "those that about.yml names, beside the manifest",
        "what whoever wrote the manifest says that it means",
        "explicit",
    ),
}


def includes() -> dict[str, str]:
    """The includes of the page on choosing, by name."""
    return {
        "models": models(),
        "trained-on": trained_on(),
        "costs": costs(),
        "caveats": caveats(),
        "data-sets": data_sets(),
        "blanks": blanks(),
        "exposures": exposures(),
    }


def models() -> str:
    """Every checkpoint of the catalogue: family, expected sizes, licence, terms."""
    rows = [
        {
            "checkpoint": entry.id,
            "family": entry.family,
            "pixels": entry.image_size or UNKNOWN,
            "tokens": entry.text_length or UNKNOWN,
            "licence": entry.licence,
            "terms on the hub": "accept first" if entry.gated else "open",
        }
        for entry in entries()
    ]
    caption = "Checkpoints that the study knows by name; sizes are expected until loaded"
    return f"{small_table(pd.DataFrame(rows), caption)}\n"


def trained_on() -> str:
    """What checkpoints were trained on, a row a list of data."""
    of: dict[str, list[str]] = {}
    for entry in entries():
        of.setdefault(", ".join(entry.training_data), []).append(entry.id)
    rows = [{"trained on": data, "which": _together(ids)} for data, ids in of.items()]
    return f"{small_table(pd.DataFrame(rows), 'What the checkpoints were trained on')}\n"


def costs() -> str:
    """What a run on each checkpoint is estimated to take, on a laptop and on one GPU."""
    rows = []
    for entry in entries():
        cost, row = entry.cost, {"checkpoint": entry.name}
        row |= dict.fromkeys(("laptop", "its memory", "one GPU", "GPU memory"), UNKNOWN)
        if cost is not None:
            row["laptop"] = in_words(cost.laptop_seconds)
            row["its memory"] = size_in_words(cost.laptop_bytes)
            row["one GPU"] = in_words(cost.gpu_seconds)
            row["GPU memory"] = size_in_words(cost.gpu_bytes)
        rows.append(row)
    caption = f"Estimates of embedding {IMAGES} images and {TEXTS} texts once"
    return f"{small_table(pd.DataFrame(rows), caption)}\n"


def caveats() -> str:
    """What is odd about checkpoints, a row a caveat with those that it is of."""
    of: dict[str, list[str]] = {}
    for entry in entries():
        for caveat in entry.caveats:
            of.setdefault(caveat, []).append(entry.id)
    rows = [{"caveat": said, "of": _together(known)} for said, known in of.items()]
    return f"{small_table(pd.DataFrame(rows), 'What to mind, and of which checkpoints')}\n"


def _together(ids: list[str]) -> str:
    """Checkpoints by the last part of their names; all of one owner's by the owner."""
    found = []
    for owner in dict.fromkeys(name.partition("/")[0] for name in ids):
        its = [name for name in ids if name.startswith(f"{owner}/")]
        every = [entry.id for entry in entries() if entry.id.startswith(f"{owner}/")]
        whole = len(every) > 1 and its == every
        names = [name.partition("/")[2] for name in its]
        found += [f"all {len(every)} of {owner}"] if whole else names
    return ", ".join(found)


def data_sets() -> str:
    """Every data set by name: terms, whether it is credentialed, what a blank means."""
    caption = "Data sets that the study reads: terms, and what a blank label means"
    return f"{small_table(pd.DataFrame(_data_sets()), caption)}\n"


def _data_sets() -> Iterator[dict[str, str]]:
    for name in DATASETS:
        known = OWN.get(name) or layout_file.named(name)
        layout = known if isinstance(known, layout_file.Layout) else None
        blank = layout.labels.blank if layout else known.blank
        credentialed = "yes" if layout and layout.credentialed else "no"
        yield {
            "name": name,
            "data set": known.title,
            "images": _published(layout) if layout else _counted(name),
            "credentialed": "as about.yml says" if name == "folder" else credentialed,
            "a blank means": blank,
            "its own policy": known.policy,
            "terms": known.terms,
        }


def _counted(name: str) -> str:
    n = OFFICIAL.get(name, {}).get("images")
    return f"{n:,}" if n else "\N{EN DASH}"


def _published(layout: layout_file.Layout) -> str:
    """How many images its makers count in all, or by split where no total is known."""
    counts = {c.split: c.n for c in layout.official.totals if c.of == "images"}
    if "all" in counts:
        return f"{counts['all']:,}"
    return ", ".join(f"{n:,} {split}" for split, n in counts.items()) or UNKNOWN


def blanks() -> str:
    """By what blanks multiply denials in data sets whose labels were counted."""
    from negcxr.chapters.policy_labels import factors  # brings torch, seconds of it

    parts = []
    for name in layout_file.names():
        layout = layout_file.named(name)
        counted = layout.official.labels
        if counted is not None:
            caption = (
                f"Labels of {layout.title}, split {counted.split}: by what blanks multiply "
                f"denials if they count as absent ({counted.source})"
            )
            parts.append(str(small_table(factors(counted.counts), caption)))
    return "\n\n".join(parts) + "\n"


def exposures() -> str:
    """What each checkpoint has seen of each data set that has films, as the ledger says."""
    sets = [name for name in ledger().data_sets if name not in ("phantoms", "folder")]
    rows = []
    for checkpoint in names():
        row = {"checkpoint": checkpoint.rpartition("/")[2]}
        for name in sets:
            state = exposure(checkpoint, name).state
            row[name] = f"{state} {MARK}" if state == "seen" else state
        rows.append(row)
    caption = "What each checkpoint has seen of each data set, as far as a source tells"
    return f"{small_table(pd.DataFrame(rows), caption)}\n"
