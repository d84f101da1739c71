"""A sentence as a strip of tokens, each on the colour of its value.

Blue is above zero and orange below it, deeper where the value is larger; the number
stands under each token, since colour alone tells nobody enough. Strips of one sentence
from several models stand under each other on one scale, so that a deep colour is a large
value wherever it stands.
"""

from collections.abc import Sequence
from html import escape

import pandas as pd

from negcxr.errors import InputError
from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import require_columns

# Pale enough at full strength that black text keeps a contrast above 4.5 : 1.
ABOVE, BELOW, NEUTRAL = (86, 166, 220), (240, 150, 70), (240, 240, 240)


def text_strip(
    tokens: Sequence[str],
    values: Sequence[float],
    *,
    description: str,
    digits: int = 2,
    most: float = 0.0,
) -> Html:
    """Tokens in their order, coloured by value.

    Args:
        most: The size that has the full colour; 0 for the largest size here.

    Raises:
        InputError: Tokens and values differ in number, or there is none.
    """
    if len(tokens) != len(values) or not tokens:
        raise InputError(
            f"text_strip: {len(tokens)} tokens and {len(values)} values; "
            "as many of one as of the other, and at least one"
        )
    most = most or max(abs(value) for value in values) or 1.0
    parts = "".join(
        _token(token, value, min(1.0, max(-1.0, value / most)), digits)
        for token, value in zip(tokens, values, strict=True)
    )
    words = escape(description)
    return Html(f'<div class="text-strip" role="group" aria-label="{words}">{parts}</div>')


def token_strips(
    table: pd.DataFrame,
    *,
    description: str,
    sentence: str = "sentence",
    row: str = "side",
    digits: int = 2,
) -> Html:
    """Strips of the same sentences from several models, all on one scale.

    Sentences, rows and tokens stand in the order of the table.

    Args:
        table: Columns token, value and those named below; a row a token.
        sentence: The column that makes the blocks, each with a heading.
        row: The column that names each strip of a block, such as a model.

    Raises:
        InputError: A column is missing, or no description is given.
    """
    if not description.strip():
        raise InputError("description is empty; say in a sentence what the strips show")
    require_columns(table, ["token", "value", sentence, row], where="token_strips")
    if table.empty:
        return nothing(description)
    most = float(table["value"].abs().max())
    blocks = "".join(
        _block(str(text), block, row, (most, digits))
        for text, block in table.groupby(sentence, sort=False)
    )
    scale = f"blue above zero, orange below; full colour: {most:.{digits}f} either way"
    return Html(
        f'<div class="token-strips" role="group" aria-label="{escape(description)}">'
        f"{blocks}<p><small>{scale}</small></p></div>"
    )


def _block(text: str, block: pd.DataFrame, row: str, scale: tuple[float, int]) -> str:
    most, digits = scale
    strips = []
    for name, own in block.groupby(row, sort=False):
        tokens, values = own["token"].astype(str).tolist(), own["value"].tolist()
        how = {"description": f"{text}, {name}", "digits": digits, "most": most}
        strips.append(f"<dt>{escape(str(name))}</dt>")
        strips.append(f"<dd>{text_strip(tokens, values, **how)}</dd>")
    return f"<p><strong>{escape(text)}</strong></p><dl>{''.join(strips)}</dl>"


def _token(token: str, value: float, strength: float, digits: int) -> str:
    end = ABOVE if strength > 0 else BELOW
    mixed = [round(n + (e - n) * abs(strength)) for n, e in zip(NEUTRAL, end, strict=True)]
    ground = f"rgb({mixed[0]}, {mixed[1]}, {mixed[2]})"
    return (
        f'<span class="token" style="background: {ground}">{escape(token)}'
        f"<small>{value:+z.{digits}f}</small></span>"
    )
