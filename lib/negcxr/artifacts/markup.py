"""HTML of an output held against what our own figures write, tag by tag.

A browser reads broken HTML in ways that no list of bad things foresees. So nothing is
searched for: an output must consist of the few tags that tables, walls of pictures and
token strips are made of, with the attributes that they have, properly nested. Comments,
scripts, event handlers, links and styles of any other kind have no place in it.

Limits: a new figure has to be named here before its notebook can travel.
"""

import re
from collections.abc import Iterator

_LABEL, _CLASS = r"[^\"<>]*", r"[a-z0-9 _-]*"
_WALL = r"wall-[0-9a-f]{8}-\d+"
_RULE = (
    r"\.wall-[0-9a-f]{8}:not\(:has\(\.(?:finding|wording) option:nth-child\(\d+\)"
    r":checked\)\) \.(?:finding|wording)-\d+"
)
STYLE = re.compile(rf"<style>{_RULE}(?:, {_RULE})* \{{ display: none; \}}</style>")
GROUP = {"class": _CLASS, "role": "region|group", "aria-label": _LABEL, "tabindex": "0"}
TAGS: dict[str, dict[str, str]] = {
    "div": GROUP,
    "p": {"class": _CLASS},
    "span": {"class": _CLASS, "style": r"background: rgb\(\d+, \d+, \d+\)"},
    **{name: {} for name in ("table", "thead", "tbody", "tr", "td", "small", "strong")},
    **{name: {} for name in ("dl", "dt", "dd", "b", "br", "figcaption", "option", "label")},
    "th": {"scope": "row|col"},
    "defs": {},
    "select": {"class": _CLASS, "autocomplete": "off"},
    "figure": {"class": _CLASS},
    "svg": {
        **{"class": _CLASS, "role": "img", "aria-label": _LABEL, "aria-hidden": "true"},
        "viewBox": "0 0 100 100",
    },
    "image": {
        **{"id": _WALL, "width": r"\d+", "height": r"\d+"},
        "href": r"data:image/(?:jpeg|png);base64,[A-Za-z0-9+/]+={0,2}",
    },
    "use": {"href": f"#{_WALL}"},
}
VOID = {"br", "image", "use"}
_TAG = re.compile(
    r"<(?P<close>/?)(?P<tag>[a-z0-9]+)(?P<given>(?: [A-Za-z-]+=\"[^\"<>]*\")*)/?>|<|[^<]+"
)
_GIVEN = re.compile(r" ([A-Za-z-]+)=\"([^\"<>]*)\"")


def faults_of(html: str) -> Iterator[str]:
    """What in a piece of HTML none of our figures writes; the first thing is enough."""
    opened: list[str] = []
    # Not by nothing: what stands before and after must not become one thing.
    for match in _TAG.finditer(STYLE.sub("<b></b>", html)):
        tag = match["tag"]
        if tag is None:
            if match[0] == "<":
                place = html[max(0, html.find("<")) :][:40]
                yield f"HTML that is not written out in full, such as {place!r}"
                return
        elif fault := _fault(match, opened):
            yield fault
            return
    if opened:
        yield f"a <{opened[-1]}> that is not closed"


def _fault(match: re.Match[str], opened: list[str]) -> str:
    """What is wrong with one tag; those that are open are kept up to date."""
    tag = match["tag"]
    if tag not in TAGS:
        return f"a <{tag}>, which no figure of ours writes"
    if match["close"]:
        if not opened or opened.pop() != tag:
            return f"a </{tag}> that closes nothing"
        return ""
    for name, value in _GIVEN.findall(match["given"]):
        pattern = TAGS[tag].get(name)
        if pattern is None or not re.fullmatch(pattern, value):
            return f"<{tag} {name}={value[:40]!r}>, which no figure of ours writes"
    if tag not in VOID:
        opened.append(tag)
    return ""
