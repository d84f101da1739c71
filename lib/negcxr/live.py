"""Which results of live runs a job reads that lays runs side by side.

Those that are there count, of whatever study, and those of the runs that are made in the
same call, which are waited for: else the job would be out of date as soon as they are
made.

Limits: of a run that is made in another call, what is not there yet is not waited for.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from negcxr import paths
from negcxr.runs import read_record

LIVE = "live"  # what a run is called that lies there, as against an artifact
SCRATCH = "scratch"  # the folder for trying out: no run, and nobody waits for it
PARAMETER = "live_runs"  # of a notebook that reads all live runs: where they lie


def live_results(
    run: str, job: str, values: Mapping[str, object], beside: Sequence[str]
) -> Iterator[Path]:
    """The results that a job reads of all live runs, but those of its own kind.

    Args:
        values: What the job runs on; it reads no other run if none of them is a folder of
            live runs.
        beside: Runs that are made in the same call.
    """
    if not values.get(PARAMETER):
        return
    found = [*paths.at_root(str(values[PARAMETER])).glob("[!.]*/*.json")]
    found = [path for path in found if path.parent.name != SCRATCH or run == SCRATCH]
    for name in {run, *beside}:
        jobs = read_record(paths.RESULTS / name).get("notebooks", [])
        found += [paths.RESULTS / name / f"{other}.json" for other in jobs]
    yield from (path for path in found if path.stem != job)
