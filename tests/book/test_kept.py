"""Kept runs: where they are found, what the book shows of them, what goes with them."""

import json
import shutil
from datetime import date

import pytest
import yaml
from tests.book.standin import write_notebook, write_result_of

from negcxr.artifacts.crate import read_crate
from negcxr.artifacts.sealing import seal_folder
from negcxr.book import Site
from negcxr.book.build import prepare
from negcxr.book.pages import one_run
from negcxr.errors import InputError

pytestmark = pytest.mark.usefixtures("no_pictures")
NAME = "gpu-seeds-web"


@pytest.fixture
def kept(site: Site):
    """The run web of the artifact gpu-seeds: one result, with its notebook."""
    folder = site.root / "artifacts" / "gpu-seeds" / "web"
    folder.mkdir(parents=True)
    write_result_of(site.root, "web", "12_cues").rename(folder / "12_cues.json")
    write_notebook(site.root, "web", "12_cues").rename(folder / "12_cues.ipynb")
    shutil.rmtree(site.root / "results" / "web")
    shutil.rmtree(site.book / "executed" / "web")
    return folder


def contents(site: Site) -> dict[str, list]:
    toc = yaml.safe_load((site.generated / "_toc.yml").read_text())
    return {part["caption"]: part["chapters"] for part in toc["parts"]}


def test_a_kept_run_is_called_by_its_artifact_and_its_name(site: Site, kept):
    assert site.runs() == ["clinic", "default", NAME]
    assert site.result_path(NAME, "12_cues") == kept / "12_cues.json"
    assert [*site.results(NAME)] == ["12_cues"]


def test_a_kept_run_without_notebooks_is_not_shown_but_its_numbers_are_found(
    site: Site, kept
):
    (kept / "12_cues.ipynb").unlink()
    prepare(site, "default")
    assert site.runs() == ["clinic", "default"]
    assert site.result_path(NAME, "12_cues").is_file()


def test_kept_runs_have_a_part_of_their_own(site: Site, kept):
    prepare(site, "default")
    assert contents(site)["Kept runs"] == [
        {
            "file": f"generated/runs/{NAME}",
            "sections": [{"file": f"executed/{NAME}/12_cues"}],
        }
    ]
    assert [e["file"] for e in contents(site)["More runs"]] == ["generated/runs/clinic"]


def test_the_page_of_a_kept_run_says_where_it_lies_and_what_it_was_computed_on(
    site: Site, kept
):
    page = one_run(site, NAME)
    assert page.startswith(f"# Kept run {NAME}\n")
    assert "`artifacts/gpu-seeds/web`" in page
    assert "on 2026-01-02, on a processor." in page
    assert "small-table" not in page  # it has no answer to lay out


def test_preparing_leaves_the_artifact_as_it_is_and_its_copy_in_the_book(site: Site, kept):
    path = kept / "12_cues.ipynb"
    path.write_text(path.read_text().replace("Denied", f"In {site.root}/x: denied"))
    before = path.read_bytes()
    prepare(site, "default")
    copy = site.book / "executed" / NAME / "12_cues.ipynb"
    assert path.read_bytes() == before
    assert str(site.root) not in copy.read_text()
    time = copy.stat().st_mtime_ns
    prepare(site, "default")
    assert copy.stat().st_mtime_ns == time


def test_a_copy_goes_with_its_notebook_and_the_folder_with_the_last(site: Site, kept):
    shutil.copy(kept / "12_cues.ipynb", kept / "30_own.ipynb")
    prepare(site, "default")
    (kept / "30_own.ipynb").unlink()
    prepare(site, "default")
    folder = site.book / "executed" / NAME
    assert [path.name for path in folder.glob("*.ipynb")] == ["12_cues.ipynb"]
    shutil.rmtree(kept)
    prepare(site, "default")
    assert not folder.exists()
    assert "Kept runs" not in contents(site)


def test_the_folder_of_a_live_run_is_never_taken_for_a_copy(site: Site, kept):
    shutil.rmtree(kept)
    prepare(site, "default")
    assert len(site.executed("clinic")) == 4


def test_a_kept_run_that_is_called_as_a_live_one_is_refused(site: Site, kept):
    (site.root / "results" / NAME).mkdir()
    with pytest.raises(InputError, match=f"are both '{NAME}' in the book"):
        prepare(site, "default")


def test_the_page_of_a_kept_run_says_what_guards_it(site: Site, kept):
    assert "It has no crate, so nothing tells whether" in one_run(site, NAME)
    path = seal_folder(kept.parent, date(2026, 5, 6))
    digest = read_crate(path.parent).digest
    assert f"as it was when it was sealed, 2026-05-06; its digest is `{digest}`" in (
        one_run(site, NAME)
    )


def test_a_book_with_a_damaged_artifact_is_not_prepared(site: Site, kept):
    seal_folder(kept.parent, date(2026, 5, 6))
    prepare(site, "default")
    path = kept / "12_cues.json"
    path.write_text(path.read_text().replace("0.13", "0.93"))
    with pytest.raises(InputError, match="gpu-seeds/web/12_cues.json: changed; its SHA"):
        prepare(site, "default")


def test_a_kept_notebook_that_would_act_is_not_shown(site: Site, kept):
    notebook = json.loads((kept / "12_cues.ipynb").read_text())
    notebook["metadata"]["mystnb"] = {"execution_mode": "force"}
    (kept / "12_cues.ipynb").write_text(json.dumps(notebook))
    with pytest.raises(
        InputError, match=f"{NAME}/12_cues.ipynb: its metadata say 'mystnb'"
    ):
        prepare(site, "default")


def test_what_is_being_made_and_tuned_weights_are_no_kept_runs(site: Site, kept):
    for name in (".made-1/gpu-new", "gpu-seeds/.web", "gpu-seeds.weights/web"):
        shutil.copytree(kept, site.root / "artifacts" / name)
    assert [name for name in site.kept() if name.startswith("gpu")] == [NAME]
    assert not [name for name in site.kept() if name.startswith(".")]


def test_a_kept_notebook_is_judged_as_others_are(site: Site, kept):
    notebook = json.loads((kept / "12_cues.ipynb").read_text())
    notebook["cells"][1]["execution_count"] = None
    (kept / "12_cues.ipynb").write_text(json.dumps(notebook))
    with pytest.raises(InputError, match=f"{NAME}/12_cues.ipynb, cell 2: it was never"):
        prepare(site, "default")
