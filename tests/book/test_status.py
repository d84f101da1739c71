"""What the pages say of the runs behind them."""

import json

import pytest

from negcxr.book import Site
from negcxr.book.status import citation, run_list


def change(site: Site, run: str, notebook: str, **parts: object) -> None:
    path = site.result_path(run, notebook)
    known = json.loads(path.read_text())
    for name, values in parts.items():
        known[name] |= values
    path.write_text(json.dumps(known))


def asked(site: Site) -> dict[str, object]:
    return json.loads(citation(site, "default").split("```json\n")[1].split("```")[0])


def test_a_run_is_cited_with_the_parameters_of_all_its_notebooks(site: Site):
    change(site, "default", "11_choice", parameters={"n_items": 500})
    assert {"n_images": 200, "n_items": 500}.items() <= asked(site).items()


def test_a_parameter_that_differs_is_cited_with_its_notebook(site: Site):
    change(site, "default", "12_cues", parameters={"n_images": 50})
    assert (asked(site)["n_images"], asked(site)["12_cues: n_images"]) == (200, 50)


def test_a_folder_elsewhere_is_cited_by_its_last_part(site: Site):
    for notebook in site.results("default"):
        change(site, "default", notebook, parameters={"root": "/data/me/films"})
    assert asked(site)["root"] == ".../films"


@pytest.mark.parametrize(
    ("commit", "marked"), [("0123456789abcdef", False), ("fedcba", True), (None, True)]
)
def test_a_run_with_a_result_of_another_commit_is_marked(
    site: Site, commit: str | None, marked: bool
):
    change(site, "clinic", "12_cues", provenance={"commit": commit})
    assert ("made by other code" in run_list(site, "default")) == marked


def test_a_result_of_another_commit_in_the_run_shown_marks_none_but_it_is_told(site: Site):
    change(site, "default", "12_cues", provenance={"commit": "fedcba"})
    assert "made by other code" not in run_list(site, "default")
    assert "commit fedcba" in run_list(site, "default")
