"""Formulas as MathML at build time: nothing to load, and browsers read them out.

What a formula says in words is shown as words, whatever they are. One that cannot be
drawn, or that has a link or a look of its own, is a warning, which stops the build.
"""

import re
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from docutils import nodes
from latex2mathml.converter import convert_to_element
from sphinx.application import Sphinx
from sphinx.util import logging

from negcxr.errors import InputError

logger = logging.getLogger(__name__)
ACTS = ("href", "style", "class")  # a link, and what could load from elsewhere
SYMBOL = re.compile(r"&#x([0-9A-Fa-f]+);")  # as latex2mathml writes it into its elements


def mathml(latex: str, display: str = "inline") -> str:
    """A formula as well-formed MathML.

    latex2mathml writes symbols as references and takes back what escapes them, and with
    it what escapes the words of a formula; here the symbols are read, and all is escaped.

    Raises:
        InputError: The formula cannot be drawn, or does more than to show one.
    """
    try:
        tree = convert_to_element(latex, display=display)
        for element in tree.iter():
            _read_symbols(element)
        drawn = tostring(tree, encoding="unicode")
        fromstring(drawn)  # tostring lets through characters that XML does not have
    except InputError:
        raise
    except ParseError as error:
        raise InputError(f"a formula with what XML does not have: {latex!r}") from error
    except Exception as error:  # latex2mathml's own have no class in common
        told = f"{type(error).__name__} {error}".strip()
        raise InputError(f"a formula that cannot be drawn ({told}): {latex!r}") from error
    return drawn


def _read_symbols(element: Element) -> None:
    if acts := {*ACTS} & {*element.attrib}:
        raise InputError(f"a formula with a {min(acts)}; allowed is what shows one alone")
    if element.text:
        element.text = SYMBOL.sub(lambda match: chr(int(match[1], 16)), element.text)


def _drawn(node: nodes.Element, display: str = "inline") -> str:
    try:
        return mathml(node.astext(), display)
    except InputError as error:
        logger.warning("%s", error, location=node)
        return f"<code>{escape(node.astext())}</code>"


def inline(self: Any, node: nodes.math) -> None:
    """Draw a formula within a sentence."""
    self.body.append(_drawn(node))
    raise nodes.SkipNode


def block(self: Any, node: nodes.math_block) -> None:
    """Draw a formula on its own lines; a wide one scrolls, not the page."""
    formula = _drawn(node, display="block")
    self.body.append(f'<div class="formula" tabindex="0">{formula}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the renderer to Sphinx under the name ``mathml``."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
