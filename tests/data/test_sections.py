"""Sections of reports; every report here is invented."""

import pytest

from negcxr.data.sections import HeadedFiles, split_sections
from negcxr.errors import InputError

MAIN = {"indication": "", "findings": "", "impression": ""}


@pytest.mark.parametrize(
    ("report", "sections"),
    [
        pytest.param(
            "FINDINGS: Clear lungs.\nIMPRESSION: Normal.",
            {"findings": "Clear lungs.", "impression": "Normal."},
            id="two headings",
        ),
        pytest.param(
            "  FINDINGS:\n\n The heart is\n  normal.\n\n IMPRESSION:\n No edema.",
            {"findings": "The heart is normal.", "impression": "No edema."},
            id="indented, over lines",
        ),
        pytest.param(
            "REASON FOR EXAM: Fall.\nCONCLUSION: No fracture.",
            {"indication": "Fall.", "impression": "No fracture."},
            id="other names of the same",
        ),
        pytest.param(
            "HISTORY: Cough.\r\n\r\nFINDINGS: Clear.\r\n",
            {"indication": "Cough.", "findings": "Clear."},
            id="line ends of another system",
        ),
        pytest.param(
            "      FINAL REPORT\n EXAMINATION: CHEST (PA AND LAT)\n FINDINGS: Clear.",
            {"findings": "Clear.", "examination": "CHEST (PA AND LAT)"},
            id="a title without a colon",
        ),
        pytest.param(
            "FINDINGS: Clear.\nIMPRESSION: Normal.\n ADDENDUM \nIMPRESSION: Seen again.",
            {"findings": "Clear.", "impression": "Normal. Seen again."},
            id="an addendum adds to its section",
        ),
        pytest.param(
            "FINDINGS: Normal at 10:30 AM. No: nothing new.",
            {"findings": "Normal at 10:30 AM. No: nothing new."},
            id="a colon within text is no heading",
        ),
        pytest.param(
            "PA AND LATERAL VIEWS: Heart is large.\nIMPRESSION: Cardiomegaly.",
            {"impression": "Cardiomegaly.", "pa and lateral views": "Heart is large."},
            id="an unknown heading keeps its text",
        ),
        pytest.param(
            "Two views.\n\nClear.\nNo edema.\n",
            {
                "": "Two views. Clear. No edema.",
                "last paragraph": "Clear. No edema.",
            },
            id="no heading: the last paragraph",
        ),
        pytest.param(
            "INDICATION: Cough.\n\n ___\n\n Clear.\n ____ \n",
            {
                "indication": "Cough. ___ Clear. ____",
                "last paragraph": "Clear.",
            },
            id="neither findings nor impression",
        ),
        pytest.param(
            "Two views.\r\n\r\nClear.\r\n",
            {"": "Two views. Clear.", "last paragraph": "Clear."},
            id="paragraphs with line ends of another system",
        ),
        pytest.param("", {"last paragraph": ""}, id="nothing at all"),
    ],
)
def test_a_report_is_cut_at_its_headings(report, sections):
    assert split_sections(report) == {**MAIN, **sections}


def test_no_word_of_a_report_is_lost():
    report = "WET READ: Small one.\n FINAL REPORT\n TECHNIQUE: Two views.\n\n Clear. \n"
    found = " ".join(split_sections(report).values())
    assert all(word in found for word in ("Small", "Two", "Clear."))


def test_a_report_of_a_million_capitals_is_cut_in_a_moment():
    assert len(split_sections("A" * 200_000 + "\n" + "A B " * 50_000)[""]) > 300_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"\xff\xfe\x00", "r.txt: not text in UTF-8", id="bytes"),
        pytest.param(b"a" * 1_000_001, "more than 1000000 bytes", id="too long"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path, content, message):
    (tmp_path / "r.txt").write_bytes(content)
    with pytest.raises(InputError, match=message):
        HeadedFiles(tmp_path, ["r.txt"]).read(0)
