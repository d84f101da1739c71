"""The README's table of answers: generated between two marks, from a folder of results.

Below it stands where its numbers are from, a line a run.
"""

from pathlib import Path

from negcxr.book.answers import answer_table, footnotes, has_answers, markdown, results_in
from negcxr.book.origins import listed_origins, origin
from negcxr.errors import InputError
from negcxr.live import LIVE
from negcxr.paths import ARTIFACTS, RESULTS, ROOT

BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"


def answer_block(folder: Path) -> str:
    """The table of a run, or of all runs that have a folder below this one, as Markdown.

    A run that does not answer any column, as one that fine-tunes alone, has no row.

    Raises:
        InputError: There is no result with an answer.
    """
    found = {folder: results_in(folder)}
    if not found[folder]:
        found = {path: results_in(path) for path in sorted(folder.glob("*/"))}
    found = {path: results for path, results in found.items() if has_answers(results)}
    if not found:
        raise InputError(f"{folder}: no results with answers, here or one folder below")
    runs = {path.name: results for path, results in found.items()}
    lines = [origin(path.name, runs[path.name], _where(path)) for path in found]
    parts = markdown(answer_table(runs)).strip(), listed_origins(lines)
    return "\n\n".join(filter(None, (*parts, footnotes(runs.values()))))


def _where(folder: Path) -> str:
    """Live, or the folder of a kept run; nothing where it lies elsewhere."""
    whole = folder.resolve()
    if whole.is_relative_to(RESULTS):
        return LIVE
    return str(whole.relative_to(ROOT)) if whole.is_relative_to(ARTIFACTS) else ""


def with_block(file: Path, block: str) -> str:
    """A file's text with this block between its two marks, and all else as it is.

    Raises:
        InputError: The file has not both marks, once and in order.
    """
    text = file.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in after:
        raise InputError(f"{file}: {BEGIN} and {END} must stand there once, in this order")
    return f"{before}{BEGIN}\n{block}\n{END}{after}"
