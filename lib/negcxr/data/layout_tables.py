"""Which files of a published data set its tables are, wherever they lie below its folder.

Whoever must know whether a data set has changed looks at these.

Limits: images do not count, nor reports that hold nothing but text.
"""

from collections.abc import Iterator
from pathlib import Path

from negcxr.data import layout_file
from negcxr.data.joins import find_table
from negcxr.paths import at_root

REPORTS = "*.xml"  # the files of a table that is a folder


def tables_of(dataset: str, root: str) -> Iterator[Path]:
    """The files of tables that are there; none of a data set without a layout.

    Args:
        dataset: A key of the registry.
        root: Its folder, from the project's root if relative.
    """
    if not root or dataset not in layout_file.names():
        return
    layout = layout_file.named(dataset)
    for table in (*layout.images, *layout.joins.values()):
        path = find_table(at_root(root), table)
        if path and path.is_dir():
            yield from path.glob(REPORTS)
        elif path:
            yield path
