"""What the chapters ask: a gallery, prompts, scorers, and tables of what came of them."""

from negcxr.chapters.choices import asked_items, choice_table, confusion_table
from negcxr.chapters.galleries import Gallery, Sampling, open_gallery
from negcxr.chapters.queries import (
    Queries,
    ask,
    compare,
    extremes,
    group_means,
    measure,
    shuffled_labels,
    shuffled_means,
)
from negcxr.chapters.scorers import SCORERS
from negcxr.chapters.wall import retrieved, typical

__all__ = [
    "SCORERS",
    "Gallery",
    "Queries",
    "Sampling",
    "ask",
    "asked_items",
    "choice_table",
    "compare",
    "confusion_table",
    "extremes",
    "group_means",
    "measure",
    "open_gallery",
    "retrieved",
    "shuffled_labels",
    "shuffled_means",
    "typical",
]
