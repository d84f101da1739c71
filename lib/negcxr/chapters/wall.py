"""What comes back first: the images at the top of each query, with what they have."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Gallery
from negcxr.chapters.queries import Queries
from negcxr.figures import thumbnail
from negcxr.text.prompts import Prompt


class Retrieved(NamedTuple):
    """The frames that ``negcxr.figures.gallery`` draws."""

    hits: pd.DataFrame
    pictures: pd.DataFrame


def typical(prompts: Sequence[Prompt], *, cues: int = 2) -> list[Prompt]:
    """One wording of each polarity and finding, and of denials one for each first cue.

    Asked one by one, so that the images on a wall are those of the sentence above them.
    """
    first: dict[tuple[str, ...], Prompt] = {}
    for prompt in prompts:
        if prompt.polarity in ("affirmed", "denied", "equivalent"):
            first.setdefault((prompt.finding, prompt.polarity, prompt.cue), prompt)
    heard = dict.fromkeys(p.cue for p in first.values() if p.polarity == "denied")
    kept = list(heard)[:cues]
    return [p for p in first.values() if p.polarity != "denied" or p.cue in kept]


def retrieved(gallery: Gallery, queries: Queries, *, k: int = 5) -> Retrieved:
    """The first ``k`` images of every query, which are told apart by polarity and cue."""
    hits, seen = [], {}
    for query, row in enumerate(queries.table.to_dict("records")):
        for rank, image in enumerate(
            np.argsort(-queries.scores[query], kind="stable")[:k], 1
        ):
            seen[int(image)] = None
            hits.append(
                {
                    "finding": row["finding"],
                    "wording": f"{row['polarity']}: {row['cue']}"
                    if row["cue"]
                    else row["polarity"],
                    "prompt": row["text"],
                    "rank": rank,
                    "image": str(gallery.dataset.table["image"].iloc[image]),
                    "contradicts": queries.contradiction[query, image],
                }
            )
    pictures = [
        {
            "image": str(gallery.dataset.table["image"].iloc[i]),
            "url": thumbnail(gallery.dataset.images.open(i)),
            "truth": gallery.truth(i),
        }
        for i in seen
    ]
    asked = ["finding", "wording", "prompt", "rank", "image", "contradicts"]
    return Retrieved(
        pd.DataFrame(hits, columns=asked),
        pd.DataFrame(pictures, columns=["image", "url", "truth"]),
    )
