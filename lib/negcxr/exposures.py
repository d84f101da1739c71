"""What a result owes to the training of its checkpoint, in a mark and in words.

A result says itself what was known when it was computed, so that it travels. One that is
older than the ledger is looked up by the names that it bears.

Limits: a mark says that the images may have been trained on, not that they were; and its
absence that no source says so.
"""

from negcxr.models.ledger import MARK, Exposure, exposure
from negcxr.results import Result
from negcxr.runs import method_of


def exposure_of(result: Result) -> Exposure | None:
    """What a result's checkpoint has seen of its data set; None where it has not both."""
    made, asked = result.provenance, result.parameters
    if made.exposure or made.checkpoint is None or made.dataset is None:
        return made.exposure
    dataset = str(asked.get("dataset", made.dataset.name))
    return exposure(made.checkpoint.name, dataset, str(asked.get("root", "")))


def is_marked(result: Result) -> bool:
    """Whether the images of a result may be among those that its model was trained on."""
    known, data = exposure_of(result), result.provenance.dataset
    split = str(result.parameters.get("split", ""))
    if data is not None and data.kind == "phantoms" and split == "all":
        split = "test"  # phantoms have no end; all of them are those of the split test
    return known is not None and known.taints(split)


def mark_of(result: Result) -> str:
    """The mark beside every number of a result, or nothing."""
    return MARK if is_marked(result) else ""


def footnote(result: Result) -> str:
    """What the mark means, and who says so: a line below a table, or on hovering."""
    known = exposure_of(result)
    return f"the model has seen this data set: {known.source}" if is_marked(result) else ""


def word_of(result: Result) -> str:
    """The exposure in a cell: ``seen †``, ``seen, other split``, ``unknown``."""
    known = exposure_of(result)
    if known is None:
        return "does not apply"
    if known.state != "seen":
        return known.state
    return f"seen {MARK}" if is_marked(result) else "seen, another split"


def sentence(result: Result) -> str:
    """The exposure as a page's opening says it, with its source; empty where none is."""
    known, made = exposure_of(result), result.provenance
    if known is None or made.checkpoint is None or made.dataset is None:
        return ""
    pair = f"`{made.checkpoint.name}`", f"`{made.dataset.name}`"
    said = _SAID[_case(known, result)].format(*pair, known=known, mark=MARK)
    why = "; ".join(text for text in (known.note, known.source) if text)
    tuned = _TUNED if method_of(result.notebook) else ""
    return f"{said} ({why}).{tuned}"


_SAID = {
    "marked": "{0} has seen {1}, so every number here bears the mark {mark}",
    "held out": (
        "{0} was trained on {1}, on the split {known.split} alone; the images measured "
        "here are of another one"
    ),
    "not listed": (
        "{1} is not listed among what {0} was trained on, which does not prove that it was "
        "never seen"
    ),
    "unknown": "Whether {0} has seen {1} is unknown",
}
_TUNED = " What is fine-tuned here has seen the training split of the data set as well."


def _case(known: Exposure, result: Result) -> str:
    if known.state != "seen":
        return known.state
    return "marked" if is_marked(result) else "held out"
