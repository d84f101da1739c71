"""Sections and denials of reports, counted by hand."""

from negcxr.data.check_reports import report_counts
from negcxr.errors import InputError

REPORTS = [
    {"findings": "No effusion. Heart is large.", "impression": "No edema."},
    {"findings": "", "impression": "Clear."},
    {"history": "No cough."},
    {"findings": "No mass. No nodule.", "impression": " "},
]


class Written:
    """Reports by row."""

    def read(self, row):
        if row == 5:
            raise InputError("5.txt: cannot be read (No such file or directory)")
        return REPORTS[row % len(REPORTS)]


def denies(sentence):
    return sentence.startswith("No ")


def test_sections_and_sentences_are_counted(make_dataset):
    counts = report_counts(make_dataset(sections=Written()), range(4), denies)
    assert counts == (4, 2, 2, 1, 6, 4, ())


def test_only_the_rows_asked_for_are_read(make_dataset):
    assert report_counts(make_dataset(sections=Written()), [1], denies).sentences == 1


def test_a_report_that_cannot_be_read_is_told_and_the_others_are_counted(make_dataset):
    counts = report_counts(make_dataset(sections=Written()), [0, 5, 1], denies)
    assert counts.images == 3
    assert (counts.findings, counts.sentences) == (1, 4)
    assert counts.faults == ((5, "5.txt: cannot be read (No such file or directory)"),)


def test_without_reports_every_image_has_neither_section(make_dataset):
    assert report_counts(make_dataset(), range(6), denies) == (6, 0, 0, 6, 0, 0, ())
