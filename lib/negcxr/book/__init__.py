"""The book around the executed notebooks: what is generated, what is refused.

Jupyter Book draws; this package prepares. It writes the pages and tables that are made
of results, refuses notebooks that failed or carry foreign scripts, and looks at the
pages afterwards, because a green build alone proves none of that.

    from negcxr.book import build_book
    build_book("default")
"""

from negcxr.book.build import build_book
from negcxr.book.site import Site

__all__ = ["Site", "build_book"]
