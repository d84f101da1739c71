"""A look at a checkpoint and at a data set before a run, as tables of a page.

The commands print more; see `negcxr.models.check` and `negcxr.data.check`. Here stands
what a reader must have seen before hours are spent, without a name of an image.

Limits: as of those two; a clean look is not a good model, nor a true label.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from negcxr.data.check import Check as DataCheck
from negcxr.data.check import Looking, check_dataset
from negcxr.data.dataset import Dataset
from negcxr.measure.gallery import MIN_A_SIDE
from negcxr.models.catalogue import entry_of
from negcxr.models.check import Check
from negcxr.models.ledger import MARK, exposure
from negcxr.text.cues import cues_in

SAMPLE = 20  # images that are decoded


def look_table(found: Check) -> pd.DataFrame:
    """What a checkpoint is and what it reads, a row a question.

    Returns:
        question, answer, and why it matters.
    """
    sizes, heard = found.sizes, found.hearing
    rows = [
        ("family", found.checkpoint.family, "decides padding, pooling and the tokenizer"),
        (
            "image",
            f"{sizes.image_size} x {sizes.image_size} pixels",
            "a film is made this small",
        ),
        ("text", f"{sizes.text_length} tokens", "what is longer is cut, and counted"),
        (
            "text tower",
            f"{sizes.text.layers} layers, {sizes.text.heads} heads",
            "what the looks inside take apart",
        ),
        *(
            (
                f'the cue "{cue}"',
                " ".join(pieces) or "lost",
                "lost, no denial by it can be heard",
            )
            for cue, pieces in heard.cues.items()
        ),
        (
            "comma",
            "kept" if heard.comma else "dropped",
            "dropped, a scope that a comma ends goes on",
        ),
        (
            "same twice",
            f"{found.numbers.texts.twice:.0e}",
            "other rows at each call could not be measured",
        ),
        ("by hand", _by_hand(found), "how far its text tower is from one written out"),
        (
            "verdict",
            "; ".join(found.faults) or "usable",
            "not usable: believe no number of it",
        ),
    ]
    return pd.DataFrame(rows, columns=["question", "answer", "why it matters"])


def _by_hand(found: Check) -> str:
    numbers = found.numbers
    return numbers.why or f"{numbers.by_hand:.0e} of an element of a unit row"


def works_table(found: Check) -> pd.DataFrame:
    """What becomes of each chapter on this checkpoint: chapter, state, why."""
    return pd.DataFrame([work._asdict() for work in found.works])


def look_through(name: str, dataset: Dataset, seed: int) -> DataCheck:
    """A short look through the images of a run, decoding only a few.

    Args:
        name: What the registry calls the data set.
        seed: Draws the images that are decoded.
    """
    looking = Looking(SAMPLE, seed, MIN_A_SIDE, _denies, iter)
    return check_dataset(name, dataset, looking)


def _denies(sentence: str) -> bool:
    return any(cue.kind == "denial" for cue in cues_in(sentence))


def data_table(found: DataCheck) -> pd.DataFrame:
    """What a look through images found, a row a question: question, answer."""
    data = found.dataset
    views = ", ".join(sorted({view or "not stated" for view in data.table["view"]}))
    rows = [
        ("images", f"{len(data)} of {data.table['patient'].nunique()} patients"),
        ("splits", ", ".join(sorted({*data.table["split"]}))),
        ("views", views),
        ("findings", str(len(data.findings))),
        ("its own policy", data.policy),
        ("missing files", str(len(found.missing))),
        ("decoded", f"{len(found.looked)}, of which {len(found.unreadable)} do not open"),
        ("patients in two splits", str(len(found.shared))),
        ("credentialed", "yes: nothing of one image leaves" if data.credentialed else "no"),
        ("terms", data.terms),
    ]
    return pd.DataFrame(rows, columns=["question", "answer"])


def asked_table(found: DataCheck) -> pd.DataFrame:
    """How many findings and pairs each policy lets be asked: policy, findings, pairs."""
    table = found.verdicts.rename(columns={"askable": "findings"})
    return table[["policy", "findings", "pairs"]]


def known_table(checkpoint: str) -> pd.DataFrame:
    """What the catalogue says of a checkpoint's name, a row a question.

    Args:
        checkpoint: A folder or a hub's id.

    Returns:
        question, answer; one row where the catalogue has no such name.
    """
    entry = entry_of(checkpoint) or entry_of(Path(checkpoint).name)
    if entry is None:
        rows = [("catalogue", "no entry of this name: ask whoever trained it")]
    else:
        rows = [
            ("catalogue", entry.id),
            ("licence", entry.licence),
            ("terms", "to be accepted on the hub first" if entry.gated else "open"),
            ("trained on", ", ".join(entry.training_data)),
            ("a run takes", str(entry.cost or "unknown")),
            *(("to mind", caveat) for caveat in entry.caveats),
        ]
    return pd.DataFrame(rows, columns=["question", "answer"])


def exposure_table(checkpoint: str, datasets: Sequence[str], root: str) -> pd.DataFrame:
    """What the ledger says of a checkpoint: data set, state, why; a mark where it has seen.

    Args:
        datasets: Keys of the registry.
        root: The folder of the run's data set, which tells one folder from another.
    """
    rows = []
    for dataset in datasets:
        known = exposure(checkpoint, dataset, root)
        state = f"{known.state} {MARK}" if known.state == "seen" else known.state
        part = f"the split {known.split}" if known.split else ""
        why = "; ".join(text for text in (part, known.note, known.source) if text)
        rows.append({"data set": dataset, "state": state, "why": why})
    return pd.DataFrame(rows)
