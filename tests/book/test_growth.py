"""The page on scale: every figure of it is read from the kept table."""

import re

import pandas as pd
import pytest

from negcxr.book import Site
from negcxr.book.growth import NAMES, growth

ROWS = [
    (1_000, "values", 3.0, 4.0, 500, 2_000),
    (1_000, "intervals", 2.0, 2.5, 510, 42),
    (1_000, "in memory", 8.0, 9.0, 600, 42),
    (9_000, "values", 30.0, 50.0, 700, 2_000),
    (9_000, "intervals", 20.0, 40.0, 710, 42),
    (9_000, "scores alone", 9.0, 9.5, 650, 2_000),
    (9_000, "half precision", 31.0, 41.0, 640, 2_000),
    (9_000, "binned", 1.0, 1.0, 640, 6),
]
COLUMNS = ["images", "what", "cpu_seconds", "seconds", "peak_mib", "queries"]


@pytest.fixture
def measured(site: Site):
    """Writes a table of figures that are easy to add."""

    def write(**changes):
        table = pd.DataFrame(ROWS, columns=COLUMNS).assign(
            resamples=0,
            largest_gap=3e-5,
            auroc_moved=2e-4,
            dim=512,
            threads=2,
            processor="a processor",
            system="Linux",
            waiting=7.0,
            run="a",
            rows=len(ROWS),
            date="2026-01-02",
        )
        file = site.root / "benchmarks" / "scale.csv"
        file.parent.mkdir(exist_ok=True)
        table.assign(**changes).to_csv(file, index=False)
        return dict(zip(NAMES, growth(site).values(), strict=True))

    return write


def test_machine_threads_and_date_are_told(measured):
    said = measured()["scale-machine"]
    assert "in one run on 2026-01-02 on a processor (Linux), 2 threads" in said
    assert "Between 7 and 7 processes wanted to run at once" in said


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"run": [*"aaaaaaab"]}, "in more runs than one"),
        ({"rows": 9}, "in a run that stopped after 8 of 9 rows"),
    ],
)
def test_rows_of_several_runs_or_of_half_a_run_are_not_called_one_run(
    measured, changes, told
):
    assert told in measured(**changes)["scale-machine"]


def test_an_idle_machine_is_not_called_busy(measured):
    assert "more than on an idle machine" in measured()["scale-machine"]
    assert "idle" not in measured(waiting=2.0)["scale-machine"]


@pytest.mark.parametrize(
    ("moved", "told"),
    [(0.000131, "2e-04"), (0.0002, "2e-04"), (0.000201, "3e-04"), (0.000096, "1e-04")],
)
def test_what_is_not_passed_is_rounded_up(measured, moved, told):
    said = measured(auroc_moved=moved)["scale-more"]
    assert f"moved by more than {told}." in said


def test_what_bins_lose_is_told_where_they_lose_something(measured):
    said = measured(largest_gap=1.2e-6)["scale-more"]
    assert "At 1,000 images, where nothing is lost in a bin, the usual path" in said
    assert "6 queries for which more than 5,000 images are relevant" in said
    assert "that of the whole ranking by more than 2e-06" in said


def test_the_largest_gallery_is_held_against_the_aim(measured):
    said = measured()["scale-limit"]
    assert "9,000 images, values and intervals together took 50 seconds of work" in said
    assert "90 by the clock; the clock is within the aim" in said
    assert "it is 25 seconds, within the aim" in said
    assert "710 MiB, is within the aim" in said


def test_a_clock_above_the_aim_is_said_to_be(measured):
    assert "the clock is above the aim" in measured(seconds=130.0)["scale-limit"]


def test_the_usual_path_is_compared_at_the_size_that_it_reaches(measured):
    said = measured()["scale-more"]
    assert "At 1,000 images" in said
    assert "4.0 times the work" in said
    assert "no AUROC of 2,000 prompts moved by more than 2e-04" in said
    assert "2,000,000 scores in a second of one core" in said


def test_the_picture_tells_its_numbers_in_words(measured, site):
    said = measured()["scale-growth"]
    assert "values, from 1,000 to 9,000 images: work from 3 to 30 seconds" in said
    assert "scores alone" not in said  # one size is no growth
    [file] = re.findall(r"\(/generated/(.*)\)", said)
    picture = (site.generated / file).read_text("utf-8")
    assert picture.startswith("<svg")
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", picture)


def test_nothing_measured_is_said(site):
    assert set(growth(site)) == set(NAMES)
    assert all("No figure is kept" in text for text in growth(site).values())
