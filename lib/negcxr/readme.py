"""The README's table of answers: generated between two marks, from a folder of results."""

from pathlib import Path

from negcxr.book.answers import answer_table, footnotes, has_answers, markdown
from negcxr.errors import InputError
from negcxr.results import Result, read_result

BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"


def answer_block(folder: Path) -> str:
    """The table of a run, or of all runs that have a folder below this one, as Markdown.

    A run that does not answer any column, as one that fine-tunes alone, has no row.

    Raises:
        InputError: There is no result with an answer.
    """
    folders = [folder] if any(folder.glob("*.json")) else sorted(folder.glob("*/"))
    runs = {path.name: _results(path) for path in folders}
    runs = {name: found for name, found in runs.items() if has_answers(found)}
    if not runs:
        raise InputError(f"{folder}: no results with answers, here or one folder below")
    return "\n\n".join(
        filter(None, (markdown(answer_table(runs)).strip(), footnotes(runs.values())))
    )


def _results(folder: Path) -> dict[str, Result]:
    return {path.stem: read_result(path) for path in sorted(folder.glob("*.json"))}


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
