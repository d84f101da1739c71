"""JSON of somebody else, read strictly: bounded, without doubles, with numbers alone.

Limits: what it says may still be anything; that is for those who read it.
"""

import json
import math
import re
from typing import Any

from negcxr.errors import InputError

HALF = re.compile(r"\\u[dD][89a-fA-F]")
MOST_DEPTH = 60  # a chart in a notebook in a cell is about 20 deep


def read_json(content: bytes, *, where: str) -> Any:
    """What a JSON text in UTF-8 says.

    Args:
        content: The text's bytes; whoever reads them has bounded their number.
        where: How it is called in a message.

    Raises:
        InputError: It is not JSON, says a name twice or a number that is none, or is
            nested too deep.
    """
    try:
        text = content.decode("utf-8")
        hooks = {"parse_constant": _no_number, "parse_float": _finite}
        value = json.loads(text, object_pairs_hook=_once, **hooks)
        if HALF.search(text):  # half a character, which no file in UTF-8 can hold
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise InputError(f"{where}: nested too deep") from None
    except ValueError as error:
        raise InputError(f"{where}: not JSON: {str(error)[:200]}") from None
    if _depth(value) > MOST_DEPTH:
        raise InputError(f"{where}: nested deeper than {MOST_DEPTH} levels")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:60]!r} stands twice in one object")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _depth(value: Any) -> int:
    level, here = 0, [value]
    while here and level <= MOST_DEPTH:
        level += 1
        inner = [v for v in here if isinstance(v, dict | list)]
        here = [x for v in inner for x in (v.values() if isinstance(v, dict) else v)]
    return level
