"""``python -m negcxr.book RUN`` builds the book around one run."""

import sys

from negcxr.book import build_book
from negcxr.errors import InputError

if __name__ == "__main__":
    try:
        print(build_book(*sys.argv[1:2]))
    except InputError as error:
        sys.exit(f"book: {error}")
