"""Small runs written by hand, live and kept, for what lays them side by side."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from negcxr.chapters.methods import CHOSEN
from negcxr.provenance import CheckpointRecord, DatasetRecord, Provenance
from negcxr.results import Estimate, Result

DRAWN = ("affirmed", "denied", "composite", *CHOSEN)


def provenance(**own: object) -> Provenance:
    """What made a result; its checkpoint and images by name alone."""
    name, images = str(own.pop("checkpoint", "web")), str(own.pop("images", "aa"))
    made = {
        **{"package": "0.1.0", "commit": "0123456789abcdef", "dirty": False},
        **{"started": datetime(2026, 1, 2, tzinfo=UTC), "seconds": 1.0, "python": "3.11.0"},
        **{"platform": "Linux", "device": "processor A", "dtype": "float32", "threads": 1},
        **{"versions": {}, "policy": "explicit", "seed": 0},
        "checkpoint": CheckpointRecord(name=name, family="clip", fingerprint=name * 16),
        "dataset": DatasetRecord(
            **{"name": "phantoms", "kind": "phantoms", "fingerprint": images * 32},
            **{"n_images": 50, "n_patients": 50, "terms": "drawn"},
        ),
    }
    return Provenance(**made | own)


def write(
    folder: Path,
    job: str,
    scalars: dict[str, tuple[float, ...]],
    *,
    draws: dict[str, dict[str, list[float]]] | None = None,
    parameters: dict[str, object] | None = None,
    **made: object,
) -> Path:
    """A result in a run's folder: value and maybe low and high of each scalar.

    Args:
        draws: By column and measure; other measures are filled with a half.
        made: What `provenance` takes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {} if draws is None else {"draws": f"{job}.draws.parquet"}
    if draws is not None:
        frame(draws).to_parquet(folder / tables["draws"])
    asked = {"split": "test", "prompt_set": "chest", "seed": 0} | (parameters or {})
    result = Result(
        **{"notebook": job, "run": folder.name, "parameters": asked, "tables": tables},
        provenance=provenance(**made),
        scalars={
            name: Estimate(n=50, **dict(zip(("value", "low", "high"), known, strict=False)))
            for name, known in scalars.items()
        },
    )
    path = folder / f"{job}.json"
    path.write_text(result.model_dump_json(indent=1))
    return path


def frame(draws: dict[str, dict[str, list[float]]]) -> pd.DataFrame:
    """The table of draws of a result."""
    length = max(len(row) for column in draws.values() for row in column.values())
    half = [0.5] * length
    return pd.concat(
        pd.DataFrame(
            {"measure": measure, "draw": np.arange(length)}
            | {name: column.get(measure, half) for name, column in draws.items()}
        )
        for measure in DRAWN
    )
