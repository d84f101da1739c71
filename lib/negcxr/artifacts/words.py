"""Words of somebody else that get into a page: one line each, and nothing that acts.

A result's names, notes and terms are put into pages that MyST reads, where a line break
could end a paragraph, ``{include}`` a file and ``<script>`` the reader's trust. So what
could be read as more than words is refused, not escaped.

Limits: words can lie.
"""

import re
from collections.abc import Iterator
from typing import Any

MOST = 10_000  # characters of one text in a result
ACTIVE = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f]"  # ends a line, or cannot be seen
    r"|[\u2028\u2029\u202a-\u202e\u2066-\u2069]"  # ends a line, or turns it round
    r"|<[A-Za-z/!?]"  # begins a tag
    r"|\{[{%A-Za-z]"  # a role, a directive, a substitution
    r"|```|~~~|:::"  # fences a block
    r"|\]\(|\]\[|\]:"  # links, or shows a picture
    r"|(?i:javascript|vbscript)\s*:"
)


def faults_in(value: Any) -> Iterator[str]:
    """What of all texts in a JSON value is more than words, keys included.

    Yields:
        The beginning of each such text.
    """
    if isinstance(value, str):
        if len(value) > MOST or ACTIVE.search(value):
            yield ascii(value[:60])
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from faults_in(name)
            yield from faults_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from faults_in(inner)
