"""The prose: what it names exists, and what it says of the code is so."""

import re
from functools import cache

import pytest
import typer
import yaml

from negcxr import paths
from negcxr.book.claims import CLAIMS
from negcxr.cli import app
from negcxr.data.truth import FINDINGS
from negcxr.finetune.methods import Method, read_methods
from negcxr.finetune.statements import held_out
from negcxr.study import read_study
from negcxr.text.prompts import load_prompt_set

PAGES = sorted([*paths.BOOK.glob("*.md"), *(paths.BOOK / "methods").glob("*.md")])
OF_METHODS = sorted((paths.BOOK / "methods").glob("*.md"))


@cache
def with_a_chapter() -> list[str]:
    studies = [read_study(paths.PARAMS / f"{name}.yml") for name in ("default", "seeds")]
    named = [
        name for study in studies for run in study.runs for name in study.methods_of(run)
    ]
    return list(dict.fromkeys(named))


def test_every_method_that_becomes_a_chapter_has_a_page():
    assert {*with_a_chapter()} <= {page.stem for page in OF_METHODS}


@pytest.mark.parametrize("page", OF_METHODS, ids=lambda page: page.stem)
def test_a_page_of_a_method_has_its_parts_in_order(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        lines[0],
        "## Idea",
        "## Loss",
        "## What is whose",
        "## The trap",
    ]
    assert lines[0].startswith("# ")


@pytest.mark.parametrize("name", with_a_chapter())
def test_a_page_cites_the_source_of_its_method(name):
    source = read_methods()[name].source
    text = (paths.BOOK / "methods" / f"{name}.md").read_text(encoding="utf-8")
    assert not source or source in cited(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_cited_is_in_the_bibliography(page):
    entries = (paths.BOOK / "references.bib").read_text(encoding="utf-8")
    known = re.findall(r"^@\w+\{(\w+),$", entries, re.M)
    assert cited(page.read_text(encoding="utf-8")) <= {*known}


def test_the_example_of_an_own_method_is_one():
    page = (paths.BOOK / "rerun.md").read_text(encoding="utf-8")
    example = yaml.safe_load(re.search(r"```yaml\n(\S+:\n  about: .*?)```", page, re.S)[1])
    [(name, fields)] = example.items()
    assert Method(name=name, **fields).terms == {"con2": 1, "mirror": 0.5}


def test_the_options_of_fine_tuning_that_are_named_exist():
    page = (paths.BOOK / "rerun.md").read_text(encoding="utf-8")
    section = re.search(r"## Fine-tune your own\n(.*?)\n## ", page, re.S)[1]
    commands = typer.main.get_command(app).commands
    known = {
        option
        for name in ("finetune", "run")
        for param in commands[name].params
        for option in (*param.opts, *param.secondary_opts)
    }
    assert {*re.findall(r"--[a-z][a-z-]*", section)} <= known


def test_the_cues_that_are_said_to_be_kept_out_of_training_are():
    denied = [p for p in load_prompt_set("chest", FINDINGS) if p.polarity == "denied"]
    unseen = {p.cue for p, out in zip(denied, held_out(denied), strict=True) if out}
    assert said_to_be_kept_out("cues") == unseen


def test_the_wordings_that_are_said_to_be_kept_out_of_training_are():
    asked = [p for p in load_prompt_set("chest", FINDINGS) if p.polarity == "affirmed"]
    phrase = "pulmonary edema"
    unseen = {
        p.text.replace(phrase, "A")
        for p, out in zip(asked, held_out(asked), strict=True)
        if out and p.finding == "Edema"
    }
    assert said_to_be_kept_out("affirmed wordings") == unseen


def test_three_claims_of_the_paper_are_about_fine_tuning():
    page = (paths.BOOK / "claims.md").read_text(encoding="utf-8")
    assert "Three claims are about fine-tuning." in page
    assert (
        sum(claim.text.startswith(("Fine-tuning", "Oppositions")) for claim in CLAIMS) == 3
    )


def cited(text: str) -> set[str]:
    keys = re.findall(r"\{cite:[tp]\}`([^`]+)`", text)
    return {key.strip() for group in keys for key in group.split(",")}


def said_to_be_kept_out(what: str) -> set[str]:
    page = (paths.BOOK / "data.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {what} \| (.+) \|$", page, re.M)[1]
    return {word.strip(' "') for word in row.split(",")}
