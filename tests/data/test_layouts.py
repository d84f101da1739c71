"""What a layout file may say, and what it means; a small one of each kind is made here."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from negcxr.data import layout_file
from negcxr.data.columns import dealt, filled, known
from negcxr.data.dataset import Request
from negcxr.data.joins import Cells
from negcxr.data.layout import every_view, read
from negcxr.data.layout_file import named, names, read_layout
from negcxr.data.layout_parts import Column
from negcxr.data.registry import DATASETS
from negcxr.data.withheld import RowsOf
from negcxr.errors import InputError
from negcxr.text.vocabulary import known_findings

# How a source is named: a link, a paper, what was counted or derived; or that it is not.
NAMED = re.compile(
    r"https?://|arXiv|et al[. ]|counted in|derived from|of each report|of reports|"
    r"name of the folder|torchxrayvision \d|^unverified"
)
SMALL = {
    "title": "Small",
    "about": "Made up.",
    "terms": "ours",
    "sources": {"all": "this test"},
    "credentialed": False,
    "policy": "explicit",
    "images": [{"files": ["images"]}],
    "columns": {
        "image": [{"text": "{file}"}],
        "patient": [{"text": "{who}"}],
        "view": [{"text": "{view}"}],
    },
    "shares": {"train": 0.8, "test": 0.2},
    "labels": {
        "findings": {"edema": "Edema"},
        "values": {"present": ["yes"], "absent": ["no"], "unmentioned": [""]},
        "blank": "nothing",
    },
    "official": {"version": "1", "totals": []},
}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Writes a layout, changed in places, and reads a table by it."""
    monkeypatch.setattr(layout_file, "FOLDER", tmp_path / "layouts")
    (tmp_path / "layouts").mkdir()

    def load(text="file,who,view,edema\na.png,1,PA,yes\nb.png,2,AP,no\n", **changes):
        named.cache_clear()
        path = tmp_path / "layouts" / "small.yml"
        path.write_text(yaml.safe_dump({**SMALL, **changes}))
        (tmp_path / "images.csv").write_text(text)
        return read("small", Request(tmp_path, "all", 0, 0))

    yield load
    named.cache_clear()


@pytest.mark.parametrize("name", names())
def test_each_layout_is_a_data_set_and_asks_for_its_folder(name):
    with pytest.raises(InputError, match=f"data set {name} needs root"):
        DATASETS[name](Request(None, "all", 0, 0))


@pytest.mark.parametrize("name", names())
def test_each_fact_of_a_layout_has_a_source(name):
    layout = named(name)
    official = layout.official
    said = [total.source for total in official.totals]
    said += [counts.source for counts in (official.views, official.labels) if counts]
    said += layout.sources.values()
    assert [source for source in said if not NAMED.search(source)] == []
    topics = {topic for key in layout.sources for topic in key.split(", ")}
    asked = {"files", "what a label means", "terms", "version"}
    asked |= {"reports"} if layout.reports else set()
    assert asked <= topics


def test_one_view_has_one_spelling():
    ways = [way for name in names() for way in named(name).columns.view]
    views = {view for way in ways for view in way.values.values()}
    assert {view for view in views if view != view.upper()} == set()


@pytest.mark.parametrize("name", ["mimic", "chexpert"])
def test_its_findings_come_with_words(name):
    assert {*named(name).labels.findings.values()} <= {*known_findings()}


@pytest.mark.parametrize("name", ["mimic", "chexpert"])
def test_official_counts_agree_with_each_other(name):
    official = named(name).official
    totals = {(c.of, c.split): c.n for c in official.totals}
    for of in ("images", "studies", "patients"):
        parts = [n for (what, split), n in totals.items() if what == of and split != "all"]
        assert (of, "all") not in totals or sum(parts) == totals[of, "all"]
    if official.labels:
        sums = {sum(counts) for counts in official.labels.counts.values()}
        assert sums == {totals["images", official.labels.split]}


def test_mimics_views_add_up_to_its_images():
    assert sum(named("mimic").official.views.counts.values()) == 377_110


def test_a_layout_reads_its_own_words_for_the_four_values(small):
    assert small().labels.tolist() == [[1], [0]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"colour": "red"}, "colour: extra inputs are not permitted", id="key"),
        pytest.param({"images": []}, "images: list should have at least 1", id="no table"),
        pytest.param({"credentialed": "yes"}, "credentialed: input should be", id="type"),
        pytest.param({"policy": "guess"}, "policy 'guess' is not known", id="policy"),
        pytest.param({"shares": {"train": 0.5}}, "shares add up to 0.5", id="shares"),
        pytest.param({"shares": {}}, "neither columns.split nor shares", id="no split"),
        pytest.param(
            {"labels": {**SMALL["labels"], "join": "x"}}, "'x' is none of joins", id="join"
        ),
        pytest.param(
            {"labels": {**SMALL["labels"], "values": {"present": ["1"], "absent": ["1"]}}},
            "labels.values has a cell twice",
            id="a cell of two meanings",
        ),
        pytest.param(
            {"labels": {**SMALL["labels"], "values": {"maybe": ["1"]}}}, "maybe", id="value"
        ),
    ],
)
def test_a_layout_that_is_not_as_it_must_be_is_refused(tmp_path, changes, message):
    path = tmp_path / "small.yml"
    path.write_text(yaml.safe_dump({**SMALL, **changes}))
    with pytest.raises(InputError, match=message) as refused:
        read_layout(path)
    assert str(refused.value).startswith(str(path))


def test_a_layout_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(InputError, match="no layout 'mimc'; choose one of: .*mimic"):
        named("mimc")


def cells_of(columns):
    path = Path("table.csv")
    return Cells(path, pd.DataFrame(columns), RowsOf(path))


def test_a_text_is_filled_from_cells_and_from_their_beginnings():
    cells = cells_of({"id": ["10032", "2"], "a/b": ["x", ""]})
    assert list(filled(cells, "p{id:2}/p{id}-{a/b}.jpg")) == [
        "p10/p10032-x.jpg",
        "p2/p2-.jpg",
    ]


def test_the_first_way_that_is_not_blank_counts():
    cells = cells_of({"view": ["AP", "", ""], "path": ["x_l", "y_l", "z"]})
    ways = [
        Column(text="{view}"),
        Column(text="{path}", pattern="_(l)$", values={"l": "LL"}),
    ]
    assert list(known(cells, ways)) == ["AP", "LL", ""]


def test_a_text_that_may_not_stand_there_is_harmless_where_an_earlier_way_counts():
    cells = cells_of({"view": ["AP"], "other": ["zzz"]})
    ways = [Column(text="{view}"), Column(text="{other}", values={"a": "AP"})]
    assert list(known(cells, ways)) == ["AP"]


def test_patients_are_dealt_out_whole_and_by_who_they_are(small):
    patients = pd.Series([f"p{i % 500}" for i in range(1000)])
    splits = dealt(patients, {"train": 0.8, "test": 0.2})
    assert splits[:500].tolist() == splits[500:].tolist()
    assert (
        dealt(patients[::-1], {"train": 0.8, "test": 0.2}).tolist() == splits[::-1].tolist()
    )
    assert 0.15 < (splits == "test").mean() < 0.25


def test_who_has_an_official_split_keeps_it_and_the_others_are_dealt(small):
    columns = {**SMALL["columns"], "split": [{"text": "{view}", "values": {"AP": "apart"}}]}
    rows = "\n".join(f"{i}.png,{i},{'AP' if i % 2 else ''},yes" for i in range(40))
    splits = small(f"file,who,view,edema\n{rows}\n", columns=columns).table["split"]
    assert set(splits[1::2]) == {"apart"}
    assert set(splits[::2]) == {"train", "test"}


def test_the_deal_never_changes():
    # SHA-256 of "a" begins with ca, 202 of 256; that of "b" with 3e, 62 of 256.
    shares = {"train": 0.5, "test": 0.5}
    assert dealt(pd.Series(["a", "b"]), shares).tolist() == ["test", "train"]


def test_only_frontal_views_are_read_where_they_are_named(small):
    assert list(small(frontal=["AP"]).table["image"]) == ["b.png"]
    assert len(small(frontal=[])) == 2


def test_no_frontal_image_at_all_is_refused(small):
    with pytest.raises(InputError, match="no image is left; only views LL are read"):
        small(frontal=["LL"])


def test_a_split_apart_is_told_and_read_where_it_is_asked_for(small, tmp_path):
    columns = {**SMALL["columns"], "split": [{"text": "{view}"}]}
    kept = small(columns=columns, apart=["AP"])
    assert list(kept.table["image"]) == ["a.png"]
    assert kept.terms == "ours; split AP is left out"
    asked = read("small", Request(tmp_path, "AP", 0, 0))
    assert list(asked.table["image"]) == ["a.png", "b.png"]


def test_a_column_that_a_file_may_lack_is_blank_only_where_it_lacks_it(small):
    images = [{"files": ["images"], "blanks": ["view", "sex"]}]
    columns = {**SMALL["columns"], "sex": [{"text": "{sex}"}]}
    table = small(images=images, columns=columns).table
    assert list(table["view"]) == ["PA", "AP"]
    assert "sex" not in table


def test_an_optional_join_that_is_not_there_gives_blanks(small):
    join = {"files": ["more"], "by": ["who"], "columns": ["sex"], "optional": True}
    columns = {**SMALL["columns"], "sex": [{"text": "{sex}"}]}
    assert "sex" not in small(joins={"more": join}, columns=columns).table


def test_a_join_gives_each_image_the_row_of_its_key(small, tmp_path):
    (tmp_path / "more.csv").write_text("who,sex\n2,F\n3,M\n")
    join = {"files": ["more"], "by": ["who"], "columns": ["sex"]}
    columns = {**SMALL["columns"], "sex": [{"text": "{sex}"}]}
    assert list(small(joins={"more": join}, columns=columns).table["sex"]) == ["", "F"]


def test_a_wrong_cell_of_a_joined_table_is_found_in_that_table(small, tmp_path):
    (tmp_path / "more.csv").write_text("who,sex\n3,M\n2,X\n")
    join = {"files": ["more"], "by": ["who"], "columns": ["sex"]}
    columns = {**SMALL["columns"], "sex": [{"text": "{sex}", "values": {"M": "M"}}]}
    with pytest.raises(InputError, match="more.csv, row 3, sex: 'X'; allowed: M, or blank"):
        small(joins={"more": join}, columns=columns)


@pytest.mark.parametrize(
    "path", ["../a.png", "/a.png", "C:/a.png", "a\\..\\..\\b.png", "a\x07"]
)
def test_a_path_that_may_leave_the_folder_is_refused_by_row(small, path):
    with pytest.raises(InputError, match="images.csv, row 3: path .* leaves"):
        small(f'file,who,view,edema\na.png,1,PA,yes\n"{path}",2,AP,no\n')


def test_two_dots_within_a_name_are_no_way_out(small):
    text = "file,who,view,edema\na..b/c...png,1,PA,yes\n"
    assert list(small(text).table["image"]) == ["a..b/c...png"]


def test_labels_follow_their_rows(small):
    rows = [f"{i}.png,{i},PA,{('yes', 'no', '')[i % 3]}" for i in range(30)]
    forward = small("file,who,view,edema\n" + "\n".join(rows))
    backward = small("file,who,view,edema\n" + "\n".join(rows[::-1]))
    assert np.array_equal(forward.labels, backward.labels[::-1], equal_nan=True)
    assert list(forward.table["image"]) == list(backward.table["image"])[::-1]


def test_every_view_needs_the_folder():
    with pytest.raises(InputError, match="mimic needs root: the folder that holds"):
        every_view("mimic", Request(None, "all", 0, 0))
