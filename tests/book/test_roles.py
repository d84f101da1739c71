"""Numbers and links named in prose: whose they are, and what is told of missing ones."""

import json
import sys
from types import SimpleNamespace

import pytest
from docutils import nodes

from negcxr.book import Site
from negcxr.book.site import write
from negcxr.paths import BOOK

GAP = "0.82 [0.78,\N{NO-BREAK SPACE}0.86]"


@pytest.fixture
def roles(monkeypatch):
    """The book's own extension."""
    monkeypatch.setattr(sys, "path", [str(BOOK / "_ext"), *sys.path])
    import result_roles

    return result_roles


@pytest.fixture
def said(site: Site, roles, monkeypatch):
    """Calls a role on a page: the node it makes, and the warnings it gives."""
    write(site.generated / "book.json", '{"run": "default"}')
    warned = []
    monkeypatch.setattr(
        roles.logger, "warning", lambda form, *a, **_: warned.append(form % a)
    )

    def call(role: str, text: str, page: str = "index") -> tuple[nodes.Node, list[str]]:
        executed = (site.book / "executed").glob("*/*.ipynb")
        env = SimpleNamespace(
            docname=page,
            srcdir=str(site.book),
            note_dependency=lambda path: None,
            found_docs={str(p.relative_to(site.book).with_suffix("")) for p in executed},
        )
        document = SimpleNamespace(settings=SimpleNamespace(env=env))
        place = SimpleNamespace(get_source_and_line=lambda line: ("page", 1))
        inliner = SimpleNamespace(document=document, reporter=place)
        found, _ = getattr(roles, role)()(role, f"`{text}`", text, 1, inliner)
        return found[0], warned

    return call


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("10_retrieval::auroc_gap", "index"),
        ("clinic/10_retrieval::auroc_gap", "index"),
        ("10_retrieval::auroc_gap", "executed/clinic/11_choice"),
        ("::auroc_gap", "executed/clinic/10_retrieval"),
    ],
)
def test_a_number_is_found_from_where_it_stands(said, text: str, page: str):
    node, warned = said("ResultRole", text, page)
    assert (node.astext(), warned) == (GAP, [])


def test_a_number_of_images_that_the_model_may_know_bears_a_mark(said, site: Site):
    path = site.result_path("default", "10_retrieval")
    known = json.loads(path.read_text())
    known["provenance"]["exposure"] = {"state": "seen", "source": "a README"}
    path.write_text(json.dumps(known))
    node, _ = said("ResultRole", "10_retrieval::auroc_gap")
    assert node.astext() == f"{GAP}\N{DAGGER}"
    assert node["explanation"].endswith("; the model has seen this data set: a README")


def test_a_number_of_this_chapter_is_of_its_own_run(said, site: Site):
    path = site.result_path("clinic", "10_retrieval")
    path.write_text(path.read_text().replace("0.82", "0.55"))
    values = [
        said("ResultRole", "::auroc_gap|value", f"executed/{run}/10_retrieval")[0].astext()
        for run in ("clinic", "default")
    ]
    assert values == ["0.55", "0.82"]


def test_a_parameter_of_this_chapter_is_found(said):
    page = "executed/clinic/10_retrieval"
    assert said("ParameterRole", "::checkpoint", page)[0].astext() == "checkpoints/clinic"


@pytest.mark.parametrize("page", ["index", "generated/runs/clinic"])
def test_a_page_that_is_no_chapter_has_no_numbers_of_its_own(said, page: str):
    _, warned = said("ResultRole", "::auroc_gap", page)
    assert warned == ["resultrole: ::auroc_gap: only a chapter has numbers of its own"]


@pytest.mark.parametrize(
    ("page", "gone", "target"),
    [
        ("index", "", "/executed/default/11_choice"),
        ("executed/clinic/10_retrieval", "", "/executed/clinic/11_choice"),
        ("executed/clinic/10_retrieval", "clinic", "/executed/default/11_choice"),
    ],
)
def test_a_link_leads_to_the_chapter_of_its_run_or_of_the_run_shown(
    said, site: Site, page: str, gone: str, target: str
):
    if gone:
        (site.book / "executed" / gone / "11_choice.ipynb").unlink()
    assert said("ChapterRole", "11_choice", page)[0]["reftarget"] == target


def test_a_chapter_that_no_study_asked_for_is_named_without_a_link(said):
    assert isinstance(said("ChapterRole", "29_comparison")[0], nodes.literal)


def test_a_link_to_no_chapter_of_the_contents_is_left_to_sphinx_to_refuse(said):
    node, _ = said("ChapterRole", "99_none")
    assert node["reftarget"] == "/executed/default/99_none"
