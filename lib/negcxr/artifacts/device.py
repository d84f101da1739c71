"""What an artifact's name says of the device, held against what its results say.

A name that begins ``gpu-`` is that of runs that a GPU computed, one that begins ``cpu-``
of runs that none did; other names say nothing. A result says it by the parameter
``device``, or by the driver of a GPU. One of a chapter that takes no device, such as a
comparison of other results, counts for neither.

Limits: a result can be wrong about its device. Weights do not say on what they were tuned,
so their artifact's name is held to the results beside which they were packed, and by
whoever packs alone.
"""

from negcxr.artifacts.contents import Results
from negcxr.errors import InputError
from negcxr.results import Result

GPUS = ("cuda", "mps")  # as torch calls them


def require_device(name: str, results: Results) -> None:
    """Refuse a name that says another device than some result.

    Raises:
        InputError: Names the artifact, the result and the device.
    """
    wanted = {"gpu-": True, "cpu-": False}.get(name[:4])
    every = [result for jobs in results.values() for result in jobs.values()]
    for result in every if wanted is not None else ():
        if _on_gpu(result) is (not wanted):
            where = f"{name}/{result.run}/{result.notebook}.json"
            raise InputError(
                f"{where}: was computed on {result.provenance.device!r}; a name that "
                f"begins {name[:4]!r} is that of runs {'' if wanted else 'not '}computed "
                "on a GPU"
            )


def _on_gpu(result: Result) -> bool | None:
    """Whether a GPU computed a result; None where neither device nor driver is said."""
    if result.provenance.driver:
        return True
    device = result.parameters.get("device")
    return None if device is None else str(device).startswith(GPUS)
