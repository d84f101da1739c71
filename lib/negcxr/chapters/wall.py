"""What comes back first: the images at the top of each query, with what they have."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Gallery
from negcxr.chapters.queries import Queries
from negcxr.figures import thumbnail


class Retrieved(NamedTuple):
    """The frames that ``negcxr.figures.gallery`` draws."""

    hits: pd.DataFrame
    pictures: pd.DataFrame


def retrieved(
    gallery: Gallery, queries: Queries, *, k: int = 5, wording: str = "polarity"
) -> Retrieved:
    """The first ``k`` images of every query.

    Args:
        wording: The column of the queries that fills the second list, beside the finding.
    """
    hits, seen = [], {}
    for query, row in enumerate(queries.table.to_dict("records")):
        for rank, image in enumerate(
            np.argsort(-queries.scores[query], kind="stable")[:k], 1
        ):
            seen[int(image)] = None
            hits.append(
                {
                    "finding": row["finding"],
                    "wording": row[wording],
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
    return Retrieved(pd.DataFrame(hits), pd.DataFrame(pictures))
