"""A sentence as a strip of tokens, each on the colour of its value.

Blue is above zero and orange below it, deeper where the value is larger; the number
stands under each token, since colour alone tells nobody enough.
"""

from collections.abc import Sequence
from html import escape

from negcxr.errors import InputError
from negcxr.figures.tables import Html

# Pale enough at full strength that black text keeps a contrast above 4.5 : 1.
ABOVE, BELOW, NEUTRAL = (86, 166, 220), (240, 150, 70), (240, 240, 240)


def text_strip(
    tokens: Sequence[str], values: Sequence[float], *, description: str, digits: int = 2
) -> Html:
    """Tokens in their order, coloured by value; the largest size is the full colour.

    Raises:
        InputError: Tokens and values differ in number, or there is none.
    """
    if len(tokens) != len(values) or not tokens:
        raise InputError(
            f"text_strip: {len(tokens)} tokens and {len(values)} values; "
            "as many of one as of the other, and at least one"
        )
    most = max(abs(value) for value in values) or 1.0
    parts = "".join(
        _token(token, value, value / most, digits)
        for token, value in zip(tokens, values, strict=True)
    )
    words = escape(description)
    return Html(f'<div class="text-strip" role="group" aria-label="{words}">{parts}</div>')


def _token(token: str, value: float, strength: float, digits: int) -> str:
    end = ABOVE if strength > 0 else BELOW
    mixed = [round(n + (e - n) * abs(strength)) for n, e in zip(NEUTRAL, end, strict=True)]
    ground = f"rgb({mixed[0]}, {mixed[1]}, {mixed[2]})"
    return (
        f'<span class="token" style="background: {ground}">{escape(token)}'
        f"<small>{value:+.{digits}f}</small></span>"
    )
