"""Reports of data sets: written when asked for, each by its own stream, and true."""

import numpy as np
import pytest

from negcxr.data.claims import holds, tabulate
from negcxr.data.dataset import Request
from negcxr.data.phantoms import REPORT, read, streams, truths
from negcxr.data.reporting import CLINICAL, ReportRows, WrittenReports
from negcxr.data.reports import write_report
from negcxr.data.truth import FINDINGS, World
from negcxr.finetune.recipe import read_recipe
from negcxr.paths import PARAMS

N = 200
KNOWN = truths(0, "train", range(N), World())


def stream(row):
    return np.random.default_rng([5, row])


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory):
    """A few phantoms of a split."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEGCXR_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield lambda split, n=4: read(Request(None, split, n, 0))


def test_a_report_is_what_the_writer_makes_of_its_truth_and_stream():
    reports = WrittenReports(KNOWN, CLINICAL, stream)
    assert len(reports) == N
    assert reports[7] == write_report(KNOWN[7], CLINICAL, stream(7)).statements
    assert reports[7] == reports[7]
    assert len({*reports}) > N / 2


def test_nothing_is_written_before_it_is_asked_for_and_then_that_alone():
    asked = []

    def noted(row):
        asked.append(row)
        return stream(row)

    part = ReportRows.of(WrittenReports(KNOWN, CLINICAL, noted), np.array([9, 4, 2]))
    part = ReportRows.of(part, np.array([2, 0]))
    assert (len(part), asked) == (2, [])
    assert part[1] == WrittenReports(KNOWN, CLINICAL, stream)[9]
    assert asked == [9]


def test_a_part_of_a_part_looks_straight_at_the_whole():
    whole = WrittenReports(KNOWN, CLINICAL, stream)
    part = ReportRows.of(ReportRows.of(whole, np.arange(9)), np.array([3]))
    assert part.whole is whole


def test_a_sequence_of_reports_ends():
    part = ReportRows.of(WrittenReports(KNOWN, CLINICAL, stream), np.array([9, 4]))
    assert [*part] == [part[0], part[1]]
    with pytest.raises(IndexError):
        part[2]


def test_what_a_report_claims_is_so():
    known = tabulate(KNOWN)
    for row, report in enumerate(WrittenReports(KNOWN, CLINICAL, stream)):
        for claim in report:
            if claim.polarity != "hedged":
                assert holds(claim, known)[row], claim


def test_the_clinical_bias_is_that_of_the_clinical_checkpoint():
    assert read_recipe(PARAMS / "pretrain" / "phantom-clinic.yml").reporting() == CLINICAL


def test_phantoms_have_reports_where_they_are_trained_on(phantoms):
    assert phantoms("test").reports is None
    assert phantoms("val").reports is None
    train = phantoms("train")
    assert len(train.reports) == 4
    for report, labels in zip(train.reports, train.labels, strict=True):
        has = dict(zip(FINDINGS, labels, strict=True))
        for claim in report:
            if claim.polarity != "hedged":
                assert has[claim.finding] == (claim.polarity == "affirmed")


def test_the_report_of_a_phantom_is_its_own_however_many_there_are(phantoms):
    few, more = phantoms("train", 3), phantoms("train", 4)
    drawn = write_report(KNOWN[2], CLINICAL, streams(0, "train", 2, REPORT))
    assert more.reports[2] == drawn.statements
    assert [*few.reports] == [*more.reports][:3]
    assert [*more.take([2, 1]).reports] == [more.reports[2], more.reports[1]]
