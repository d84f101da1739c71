"""Retrieved images on a wall: choose a finding and a wording, see what comes back.

Each image is stored once and drawn wherever it was retrieved. The two lists are plain
HTML, and a style sheet that comes with the wall shows the panel that they choose, so a
wall needs no script, works from a file and offline, and its words can be read out,
searched and enlarged like any others. Whether an image fits its prompt is said by a
word, a sign and a frame.

Limits: data URLs weigh a third more than their files, so a wall is held to 1.2 MB. In a
browser without ``:has()`` (before 2024) all panels show, one under the other.
"""

import base64
import hashlib
from html import escape
from io import BytesIO
from typing import Any, NamedTuple

import pandas as pd
from PIL import Image

from negcxr.errors import InputError
from negcxr.figures.tables import Html, nothing
from negcxr.figures.theme import in_order, require_columns

MOST_BYTES = 1_200_000
VERDICTS = {  # what an image is to its prompt -> class, sign, words
    0.0: ("fits", "\N{CHECK MARK}", "fits the prompt"),
    1.0: ("contradicts", "\N{MULTIPLICATION X}", "contradicts the prompt"),
    None: ("unjudged", "?", "not judged"),
}


def thumbnail(image: Image.Image, *, size: int = 112, quality: int = 82) -> str:
    """An image as a small grey JPEG in a data URL, at most ``size`` pixels a side."""
    small = image.convert("L")
    small.thumbnail((size, size))
    file = BytesIO()
    small.save(file, "JPEG", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def gallery(hits: pd.DataFrame, pictures: pd.DataFrame, *, description: str) -> Html:
    """The first images of every prompt, chosen by finding and by wording.

    Args:
        hits: A row a retrieved image: finding, wording (the second list: a polarity or
            a cue), prompt (its text), rank (1 first), image, and contradicts (1, 0, or
            NaN where not judged).
        pictures: A row an image: image, url (see `thumbnail`) and truth, what the image
            has, in words.
        description: What the wall shows, as a sentence.

    Raises:
        InputError: A column is missing, an image has no picture, or all pictures
            together weigh above 1.2 MB.
    """
    asked = ["finding", "wording", "prompt", "rank", "image", "contradicts"]
    require_columns(hits, asked, where="gallery, hits")
    if hits.empty:
        return nothing(description)
    require_columns(pictures, ["image", "url", "truth"], where="gallery, pictures")
    wall = _prepare(hits, pictures)
    panels = "".join(
        _panel(wall, block.sort_values("rank"))
        for _, block in hits.groupby(["finding", "wording"], sort=False)
    )
    words = f'role="group" aria-label="{escape(description)}"'
    return Html(
        f'<div class="wall {wall.mark}" {words}>{_style(wall)}{_store(wall)}'
        f'<div class="choices">{_choices(wall)}</div>{panels}</div>'
    )


class _Wall(NamedTuple):
    mark: str  # sets this wall apart from others on a page
    lists: dict[str, list[str]]  # what each of the two lists offers
    pictures: pd.DataFrame  # those retrieved, with a number each


def _prepare(hits: pd.DataFrame, pictures: pd.DataFrame) -> _Wall:
    known = pictures.drop_duplicates("image").set_index("image")
    names = list(dict.fromkeys(hits["image"]))
    lost = [name for name in names if name not in known.index]
    if lost:
        raise InputError(f"gallery: image {lost[0]} was retrieved but has no picture")
    used = known.loc[names]
    weight = int(used["url"].str.len().sum())
    if weight > MOST_BYTES:
        raise InputError(
            f"gallery: {len(used)} pictures weigh {weight:,} bytes, allowed are "
            f"{MOST_BYTES:,}; show fewer images a prompt, or smaller ones"
        )
    content = hits.to_csv() + used.to_csv()
    mark = "wall-" + hashlib.sha256(content.encode()).hexdigest()[:8]
    lists = {name: in_order(hits[name]) for name in ("finding", "wording")}
    return _Wall(mark, lists, used.assign(number=range(len(used))))


def _style(wall: _Wall) -> str:
    """Hide each panel unless both of its choices are the chosen ones."""
    mark = wall.mark
    rules = [
        f".{mark}:not(:has(.{name} option:nth-child({n + 1}):checked)) .{name}-{n}"
        for name, values in wall.lists.items()
        for n in range(len(values))
    ]
    return f"<style>{', '.join(rules)} {{ display: none; }}</style>"


def _store(wall: _Wall) -> str:
    images = "".join(
        f'<image id="{wall.mark}-{row.number}" href="{escape(row.url)}" '
        'width="100" height="100"/>'
        for row in wall.pictures.itertuples()
    )
    return f'<svg class="store" aria-hidden="true"><defs>{images}</defs></svg>'


def _choices(wall: _Wall) -> str:
    return "".join(
        f'<label>{name} <select class="{name}" autocomplete="off">'
        + "".join(f"<option>{escape(value)}</option>" for value in values)
        + "</select></label>"
        for name, values in wall.lists.items()
    )


def _panel(wall: _Wall, block: pd.DataFrame) -> str:
    first, wrong = block.iloc[0], int((block["contradicts"] == 1).sum())
    at = " ".join(
        f"{name}-{values.index(str(first[name]))}" for name, values in wall.lists.items()
    )
    figures = "".join(_figure(wall, hit) for hit in block.itertuples())
    said = f"{wrong} of the first {len(block)} contradict it"
    return (
        f'<div class="panel {at}"><p>&ldquo;{escape(first["prompt"])}&rdquo;: {said}</p>'
        f'<div class="hits">{figures}</div></div>'
    )


def _figure(wall: _Wall, hit: Any) -> str:
    picture = wall.pictures.loc[hit.image]
    verdict = None if pd.isna(hit.contradicts) else float(hit.contradicts)
    kind, sign, words = VERDICTS[verdict]
    shown = escape(picture["truth"] or "none of the findings")
    return (
        f'<figure class="{kind}"><svg viewBox="0 0 100 100" role="img" '
        f'aria-label="image {hit.rank}: {shown}">'
        f'<use href="#{wall.mark}-{picture["number"]}"/></svg>'
        f"<figcaption><b>{hit.rank}. {sign} {words}</b><br>{shown}</figcaption></figure>"
    )
