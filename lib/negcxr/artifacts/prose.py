"""Markdown of a notebook held against what the book's own chapters are written in.

When a book is built, a directive can read any file of the machine, a substitution can run
code, and HTML passes through. So a text is taken apart as MyST does it, and only what
words are made of may come out: headings, lists, tables, formulas, links to pages and the
roles and boxes of our chapters.

Limits: a link can lead to a bad page, and a text can lie.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

MOST_BOXES = 5  # one in another
EXTENSIONS = ["colon_fence", "deflist", "dollarmath", "substitution", "tasklist"]
ROLES = {"result", "parameter", "chapter", "term", "ref", "doc", "math"}
ROLES |= {"cite", "cite:t", "cite:p", "numref"}
BOXES = {"dropdown", "admonition", "note", "tip", "warning", "important", "math"}
ROLE_TEXT = re.compile(r"[^<>{}`]*(?:<[\w./:\s-]*>)?")
LINK = re.compile(r"(?:https?://|mailto:|#)[^\s]*|[\w.-]+(?:/[\w.-]+)*(?:#[\w.-]*)?")
BOX = re.compile(r"\{([\w:-]+)\}(.*)", re.DOTALL)
OPTION = re.compile(r":(?:class|open|animate|icon|color|label):[\w ,.-]*")
WORDS = {
    *("inline", "text", "softbreak", "hardbreak", "code_inline", "code_block", "hr"),
    *("math_inline", "math_inline_double", "math_block", "math_block_label"),
    *("myst_target", "myst_line_comment", "myst_block_break"),
    *(f"{name}_{end}" for end in ("open", "close") for name in (
        *("paragraph", "heading", "strong", "em", "blockquote", "link"),
        *("bullet_list", "ordered_list", "list_item", "dl", "dt", "dd"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    )),
}  # fmt: skip
# Our book shows such words as words and refuses such commands; another renderer may not.
ACTS_IN_MATH = re.compile(r"\\(?:href|url|html|class|style|include)|<[A-Za-z/!?]|[&\"]")


def faults_of(text: str, depth: int = 0) -> Iterator[str]:
    """What in a Markdown text is none of the things that our chapters are made of."""
    if depth > MOST_BOXES:
        yield f"boxes one in another, deeper than {MOST_BOXES}"
        return
    if "\x00" in text:
        yield "a character that is none"
    shared: dict[str, Any] = {}
    tokens = _parser().parse(text, shared)
    if shared.get("references"):  # which the cells after it would find, unseen by this
        yield "an address defined apart from its link"
    for token in _all(tokens):
        yield from _of_token(token, depth)


def _of_token(token: Any, depth: int) -> Iterator[str]:
    kind = token.type
    is_formula = kind == "myst_role" and token.meta["name"] == "math"
    if kind in ("fence", "colon_fence"):
        yield from _of_fence(token, depth)
    elif kind == "myst_role":
        name = token.meta["name"]
        if name not in ROLES or not ROLE_TEXT.fullmatch(token.content):
            yield f"the role {name!r}, or a target, that our chapters do not have"
        elif ".." in token.content:
            yield f"a role that leads elsewhere, {token.content[:40]!r}"
    elif kind not in WORDS:
        yield f"a piece of Markdown that our chapters do not have ({kind})"
    elif kind == "link_open" and not _is_link(str(token.attrs.get("href", ""))):
        yield f"a link to {str(token.attrs.get('href'))[:60]!r}"
    if ("math" in kind or is_formula) and ACTS_IN_MATH.search(token.content):
        yield "a formula that does more than to show one"


def _of_fence(token: Any, depth: int) -> Iterator[str]:
    """Of code nothing; of a box its title and what stands in it."""
    match = BOX.match(token.info.strip())
    if match is None:
        if "{" in token.info:
            yield f"a block {token.info[:40]!r}"
        return
    name, title = match[1], match[2].strip()
    if name not in BOXES:
        yield f"the directive {name!r}, which our chapters do not have"
        return
    lines = token.content.split("\n")
    while lines and lines[0].startswith(":") and not lines[0].startswith(":::"):
        if not OPTION.fullmatch(lines[0].rstrip()):
            yield f"the option {lines[0][:40]!r} of a box"
        lines.pop(0)
    if lines and lines[0].startswith("---"):
        yield "a box with options in YAML"
    body = "\n".join(lines)
    if name == "math":
        body = f"$$\n{body}\n$$"
    yield from faults_of(title, depth + 1)
    yield from faults_of(body, depth + 1)


def _is_link(target: str) -> bool:
    return ".." not in target and bool(LINK.fullmatch(target))


def _all(tokens: list[Any]) -> Iterator[Any]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])


@cache
def _parser() -> Any:
    """MyST's own parser with the extensions of ``_config.yml``."""
    from markdown_it.renderer import RendererHTML
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    config = MdParserConfig(enable_extensions={*EXTENSIONS})
    return create_md_parser(config, RendererHTML)
