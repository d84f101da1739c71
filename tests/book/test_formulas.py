"""Formulas of the book: words in them are words, and what does more is refused."""

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from latex2mathml.converter import convert

from negcxr.errors import InputError
from negcxr.paths import BOOK, ROOT

PLAIN = [
    r"a < b \le \hat{s} > 0",
    r"\frac{1}{n} \sum_{i=1}^{n} \lVert x_i \rVert^2",
    r"\text{margin} = \cos(x, t_{\text{no finding}}) - \max_j \langle x, t_j \rangle",
    r"\left[ \begin{matrix} a & b \\ c & d \end{matrix} \right]",
    r"\operatorname*{arg\,max}_{x \in A} \overline{f}(x) \;\&\; \{y\}",
]

CONF = """
extensions = ["myst_parser", "mathml"]
myst_enable_extensions = ["dollarmath"]
html_math_renderer = "mathml"
html_theme = "basic"
"""


@pytest.fixture
def mathml(monkeypatch):
    """The book's own extension."""
    monkeypatch.setattr(sys, "path", [str(BOOK / "_ext"), *sys.path])
    import mathml

    return mathml


def shown(drawn):
    """The words of a formula, as a reader sees them."""
    return "".join(ElementTree.fromstring(drawn).itertext()).replace("\xa0", " ")


@pytest.mark.parametrize("display", ["inline", "block"])
@pytest.mark.parametrize("latex", PLAIN)
def test_a_plain_formula_is_drawn_as_latex2mathml_draws_it(mathml, latex, display):
    one, other = mathml.mathml(latex, display), convert(latex, display=display)
    assert ElementTree.canonicalize(one) == ElementTree.canonicalize(other)


@pytest.mark.parametrize("command", ["text", "mbox", "textbf"])
@pytest.mark.parametrize("words", ["<script>", "</math><b onclick=x>", "a & b", "a < b"])
def test_words_are_shown_as_they_are_written(mathml, command, words):
    drawn = mathml.mathml(rf"\{command}{{{words}}}")
    named = {
        element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawn).iter()
    }
    assert named <= {"math", "mrow", "mtext", "mstyle"}
    assert shown(drawn) == words


@pytest.mark.parametrize("latex", [r"\color{r\"<b>}{x}", r"\tag{<b>}", "a & b", "<b>"])
def test_nothing_in_a_formula_becomes_a_tag(mathml, latex):
    drawn = mathml.mathml(latex)
    assert not ElementTree.fromstring(drawn).findall(".//{*}b")


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\href{javascript:x}{a}", "a formula with a href"),
        (r"\style{background:url(x)}{a}", "a formula with a style"),
        (r"\class{sd-d-none}{a}", "a formula with a class"),
        ("\\text{\x01}", "what XML does not have: '.*x01"),
        (r"\left( a", r"cannot be drawn \(ExtraLeftOrMissingRight.*: '.*left"),
    ],
)
def test_what_does_more_or_cannot_be_drawn_is_refused(mathml, latex, said):
    with pytest.raises(InputError, match=said):
        mathml.mathml(latex)


def test_a_page_names_the_file_and_line_of_a_formula_that_is_refused(tmp_path):
    (tmp_path / "index.md").write_text(
        "# Page\n\nFirst $\\text{<i>}$.\n\n"
        "Then $\\href{x}{<u>}$ in a line.\n\n$$\n\\left( <s>\n$$\n"
    )
    (tmp_path / "conf.py").write_text(CONF)
    out = tmp_path / "out"
    call = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
    seen = os.environ | {"PYTHONPATH": f"{BOOK / '_ext'}:{ROOT / 'lib'}"}
    done = subprocess.run([*call, tmp_path, out], env=seen, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    warned = re.findall(r"index\.md:(\d+): WARNING: (a formula \w+)", done.stderr)
    assert warned == [("5", "a formula with"), ("7", "a formula that")]
    page = (out / "index.html").read_text()
    assert not re.search("<[ius]>", page)
    assert "<code>\\href{x}{&lt;u&gt;}</code>" in page
