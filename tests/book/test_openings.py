"""The chapter of a method begins with that method's prose."""

import json
from pathlib import Path

import pytest
from tests.book.standin import write_notebook

from negcxr.book import Site
from negcxr.book.build import prepare
from negcxr.errors import InputError

pytestmark = pytest.mark.usefixtures("no_pictures")


@pytest.fixture
def chapter(site: Site) -> Path:
    """An executed chapter of a method; its own words begin with a title."""
    (site.book / "methods").mkdir(exist_ok=True)
    return write_notebook(site.root, "default", "20_try-out")


def words(path: Path) -> str:
    return "".join(json.loads(path.read_text())["cells"][0]["source"])


def prose(site: Site, text: str) -> Path:
    path = site.book / "methods" / "try-out.md"
    path.write_text(text)
    return path


def test_prose_takes_the_place_of_the_first_words(site: Site, chapter: Path):
    prose(site, "# Trying out\n\nWhat it is.\n")
    cells = len(json.loads(chapter.read_text())["cells"])
    prepare(site, "default")
    assert words(chapter) == "# Trying out\n\nWhat it is."
    assert len(json.loads(chapter.read_text())["cells"]) == cells


def test_without_prose_the_words_stay_under_the_methods_name(site: Site, chapter: Path):
    _, rest = words(chapter).split("\n", 1)
    prepare(site, "default")
    assert words(chapter) == f"# try-out\n{rest}"


def test_preparing_again_changes_nothing(site: Site, chapter: Path):
    prose(site, "# Trying out")
    prepare(site, "default")
    before = chapter.read_bytes(), chapter.stat().st_mtime_ns
    prepare(site, "default")
    assert (chapter.read_bytes(), chapter.stat().st_mtime_ns) == before


def test_prose_that_changes_is_followed_and_so_is_prose_that_goes(
    site: Site, chapter: Path
):
    prepare(site, "default")
    without = words(chapter)
    path = prose(site, "# Trying out")
    prepare(site, "default")
    prose(site, "# Trying out, revised")
    prepare(site, "default")
    assert words(chapter) == "# Trying out, revised"
    path.unlink()
    prepare(site, "default")
    assert words(chapter) == without


def test_other_chapters_keep_their_words_below_what_their_model_has_seen(site: Site):
    path = site.executed("default")[0]
    title, _, *rest = words(path).split("\n")
    prepare(site, "default")
    known = words(path).split("\n")
    assert (known[0], known[4:]) == (title, rest)
    assert known[2].startswith("*Has the model seen the data?* Whether `phantom-default`")


def test_a_chapter_without_a_result_is_left_alone(site: Site):
    path = write_notebook(site.root, "default", "99_other")
    before = path.read_bytes()
    prepare(site, "default")
    assert path.read_bytes() == before


def test_prose_with_a_script_is_refused(site: Site, chapter: Path):
    prose(site, "# Trying out\n<script>alert(1)</script>")
    with pytest.raises(InputError, match="20_try-out.ipynb, cell 1: .*<script>"):
        prepare(site, "default")
