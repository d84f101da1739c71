"""The page on scale, on indices of neighbours: every figure is read from the kept table."""

import re
import runpy
import sys

import pandas as pd
import pytest

from negcxr import paths
from negcxr.book import Site
from negcxr.book.neighbours import NAMES, neighbours

COLUMNS = ["how", "knob", "setting", "build_s", "ms", "mib", "recall_10", "recall_100"]
WAYS = [
    ("exact, together", None, None, None, 2.0, 100.0, 1.0, 1.0),
    ("exact, one by one", None, None, None, 30.0, 100.0, 1.0, 1.0),
    ("IVF", "nprobe", 4, 5.0, 0.5, 104.0, 0.25, 0.2),
    ("IVF", "nprobe", 64, 5.0, 4.0, 104.0, 0.625, 0.5),
    ("HNSW", "efSearch", 128, 60.0, 6.0, 126.0, 0.96, 0.94),
    ("HNSW", "efSearch", 512, 60.0, 12.0, 126.0, 0.99, 0.98),
]
MOVED = {
    "precision": [0, 0, 0.5, 0.25, 0.125, 0.062],
    "contradiction": [0, 0, 0.6, 0.4, 0.3, 0.2],
}
SIGN = "\N{NO-BREAK SPACE}%"
OTHER = {  # no figure as above
    "images": 8_000,
    "queries": 77,
    "precision_queries": 66,
    "contradiction_queries": 55,
    "ms": [3.5, 44, 0.7, 7.7, 8.8, 17],
    "setting": [None, None, 3, 7, 111, 222],
    "build_s": [None, None, 9, 9, 99, 99],
    "recall_10": [1, 1, 0.3, 0.71, 0.91, 0.973],
    "precision_moved": 0.007,
    "contradiction_moved": 0.009,
}


@pytest.fixture
def site(tmp_path) -> Site:
    """A project that has nothing else; the page's includes need no result."""
    return Site(tmp_path)


@pytest.fixture
def measured(site: Site):
    """Writes a table of figures that are easy to divide."""

    def write(**changes):
        table = pd.DataFrame(WAYS, columns=COLUMNS).assign(
            gallery="made-up images",
            images=9_000,
            dim=512,
            queries=420,
            precision_moved=MOVED["precision"],
            contradiction_moved=MOVED["contradiction"],
            precision_queries=420,
            contradiction_queries=420,
            waiting=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            threads=1,
            processor="a processor",
            faiss="1.2.3",
            date="2026-01-02",
        )
        file = site.root / "benchmarks" / "neighbours.csv"
        file.parent.mkdir(exist_ok=True)
        table.assign(**changes).to_csv(file, index=False)
        return neighbours(site)

    return write


def test_machine_threads_version_and_date_are_told(measured):
    said = measured()["neighbours-machine"]
    assert "on 2026-01-02 on a processor, 1 thread, with faiss 1.2.3" in said
    assert "Between 1 and 6 processes" in said


def test_a_way_has_its_times_size_speed_and_what_it_finds(measured):
    table = measured()["neighbours-tables"]
    assert "9,000 made-up images of 512 numbers, 420 queries" in table
    assert cells(table)["HNSW, efSearch 128"] == [
        *("60", "126", "6.0", "5.0"),
        *("0.960", "0.940", "0.125", "0.300"),
    ]


def test_what_is_not_built_has_no_time_of_building(measured):
    assert cells(measured()["neighbours-tables"])["exact, together"][:4] == [
        *("–", "100", "2.0", "15")
    ]


def test_the_quickest_setting_that_finds_enough_is_told(measured):
    said = measured()["neighbours-said"]
    assert "exactly, a query takes 30 ms one by one, and 2.0 ms as one of 420" in said
    assert f"HNSW, efSearch 128 finds 96.0{SIGN} of the true first 10 in 6.0 ms" in said
    assert "5.0 times the speed of one by one and 0.33 times that of together" in said
    assert "precision@10 moves by 0.125 and contradiction@10 by 0.300" in said
    assert "building it is the work of 2,000 queries one by one" in said


def test_an_index_that_never_finds_enough_is_told_by_what_it_finds_at_most(measured):
    said = measured()["neighbours-said"]
    assert f"IVF finds fewer; most with nprobe 64: 62.5{SIGN} of the true first 10" in said


def test_another_table_gives_other_words(measured):
    said = measured(recall_10=[1, 1, 0.97, 0.98, 0.5, 0.6])["neighbours-said"]
    assert f"IVF, nprobe 4 finds 97.0{SIGN} of the true first 10 in 0.50 ms" in said
    assert f"HNSW finds fewer; most with efSearch 512: 60.0{SIGN} of" in said


def test_no_number_is_said_that_another_table_would_not_move(measured):
    """All figures of the sentences that are no name, aim or k change with the table."""
    before, other = (numbers(measured(**change)) for change in ({}, OTHER))
    assert not {*before} & {*other} - {"10", "100", "95"}


def test_queries_without_enough_judged_images_are_counted(measured):
    assert "could be measured" not in measured()["neighbours-said"]
    said = measured(precision_queries=287)["neighbours-said"]
    assert "Of the 420 queries, precision of 287 could be measured" in said


def test_each_gallery_has_a_table_and_a_line_of_its_own(measured, site):
    measured()
    file = site.root / "benchmarks" / "neighbours.csv"
    first = pd.read_csv(file)
    other = first.assign(gallery="phantoms", images=70, ms=2 * first["ms"])
    pd.concat([other, first]).to_csv(file, index=False)
    made = neighbours(site)
    assert made["neighbours-tables"].count("<table>") == 2
    assert re.findall(r"\*\*(.*?):\*\* exactly, a query takes (\d+)", made[NAMES[2]]) == [
        ("70 phantoms", "60"),
        ("9,000 made-up images", "30"),
    ]


def test_nothing_measured_is_said(site):
    assert set(neighbours(site)) == set(NAMES)
    assert all("No figure is kept" in text for text in neighbours(site).values())


def test_without_faiss_the_benchmark_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(SystemExit, match="pip install --no-deps --target _build/faiss "):
        runpy.run_path(str(paths.ROOT / "benchmarks" / "neighbours_ways.py"))


def cells(table: str) -> dict[str, list[str]]:
    """The rest of each row by its first cell."""
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table)
    return {name: re.findall("<td>(.*?)</td>", rest) for name, rest in rows}


def numbers(made: dict[str, str]) -> list[str]:
    """All numbers of the sentences."""
    return re.findall(r"\d[\d,.]*\d|\d", made["neighbours-said"])
