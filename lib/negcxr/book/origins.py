"""Where the numbers of a table are from: a line a run, made of its results.

Limits: a line names the devices and days of the results that the table reads, and of no
other chapter.
"""

from collections.abc import Mapping, Sequence

from negcxr.book.answers import COLUMNS
from negcxr.live import LIVE
from negcxr.provenance import Provenance
from negcxr.results import Result

READ = {place[0] for cell in COLUMNS for place in (cell.encoder, cell.rule)}


def origin(
    run: str, results: Mapping[str, Result], where: str, more: Sequence[str] = ()
) -> str:
    """A run in one line: live or kept, device, day, checkpoint, data, images and policy.

    Args:
        where: ``LIVE``, or the folder of a kept run from the project's root; empty where
            it is neither.
        more: Chapters that are read besides those of the table of answers.
    """
    read = [results[name].provenance for name in results if name in READ | {*more}]
    if not read:
        return f"`{run}`: no result"
    kind = f"artifact `{where}`, " if where else ""
    kind = f"{LIVE}, " if where == LIVE else kind
    days = sorted({f"{one.started:%Y-%m-%d}" for one in read})
    when = " to ".join(dict.fromkeys([days[0], days[-1]]))
    machines = ", ".join(sorted({f"{one.device} in {one.dtype}" for one in read}))
    said = f"`{run}`: {kind}computed on {when} on {machines}"
    return "; ".join([said, *_measured(read)])


def _measured(read: Sequence[Provenance]) -> list[str]:
    """Checkpoint, data and policy of the first result that has them."""
    parts = []
    if weights := next((one.checkpoint for one in read if one.checkpoint), None):
        parts.append(f"checkpoint `{weights.name}`")
    if data := next((one.dataset for one in read if one.dataset), None):
        parts.append(f"data `{data.name}`, {data.n_images} {data.kind}")
    if policy := next((one.policy for one in read if one.policy), ""):
        parts.append(f"policy `{policy}`")
    return parts


def listed_origins(lines: Sequence[str]) -> str:
    """Lines of runs as a list in Markdown."""
    return "\n".join(f"- {line}." for line in lines)
