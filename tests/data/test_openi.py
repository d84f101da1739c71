"""Reports and judged sentences as tables: invented ones by hand, real ones by count."""

import io
import tarfile
import time

import pandas as pd
import pytest

from negcxr import paths
from negcxr.data import openi
from negcxr.data.fetch import fetched, is_there
from negcxr.data.openi import read_gold, read_negex, read_reports, sentences, split
from negcxr.errors import InputError

NO_REPORTS = pytest.mark.skipif(
    not is_there("open-i"), reason="negcxr data fetch open-i was not run"
)
NO_TEXT = pytest.mark.skipif(
    not (paths.texts() / openi.GOLD).exists(),
    reason=f"no sentences in {paths.texts()}; set NEGCXR_TEXT to their folder",
)


def report(number, **sections):
    parts = "".join(
        f'<AbstractText Label="{label}">{text}</AbstractText>'
        for label, text in sections.items()
    )
    return f'<eCitation><uId id="{number}"/><Abstract>{parts}</Abstract></eCitation>'


@pytest.fixture
def archive(tmp_path):
    """Writes reports into an archive as Open-I's; other files lie beside them there."""

    def make(*documents):
        path = tmp_path / "reports.tgz"
        with tarfile.open(path, "w:gz") as written:
            for i, text in enumerate(["not xml", *documents]):
                info = tarfile.TarInfo(f"folder/{i}.xml" if i else "folder/README")
                info.size = len(text.encode())
                written.addfile(info, io.BytesIO(text.encode()))
        return path

    return make


@pytest.fixture
def table(tmp_path):
    """Writes lines into a file of that name; gives the folder."""

    def make(name, *lines):
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return tmp_path

    return make


def test_reports_come_by_number_with_their_sections_and_text(archive):
    ten = report("CXR10", FINDINGS="No  edema.\n", IMPRESSION="Normal &lt;chest&gt;.")
    two = report("CXR2", INDICATION="Cough?", COMPARISON="None", FINDINGS="")
    found = read_reports(archive(ten, two))
    assert list(found) == ["report", "indication", "findings", "impression", "text"]
    assert found.to_numpy().tolist() == [
        ["CXR2", "Cough?", "", "", ""],
        ["CXR10", "", "No edema.", "Normal <chest>.", "No edema. Normal <chest>."],
    ]


@pytest.mark.parametrize(
    ("document", "line"),
    [("<eCitation>", r"folder/1\.xml cannot be read"), ("<a/>", "no uId, which is a")],
)
def test_a_report_that_cannot_be_read_is_named(archive, document, line):
    with pytest.raises(InputError, match=line):
        read_reports(archive(document))


def test_what_is_no_archive_is_refused_by_name(tmp_path):
    (tmp_path / "no.tgz").write_bytes(b"no")
    for name in ("no.tgz", "missing.tgz"):
        with pytest.raises(InputError, match=rf"{name}: archive cannot be read"):
            read_reports(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("No edema. Is there a mass? Yes!", ["No edema.", "Is there a mass?", "Yes!"]),
        ("A mass of 2.5 cm. it is new.", ["A mass of 2.5 cm. it is new."]),
        ("1. No mass. 2. Clear 10. XXXX", ["No mass.", "Clear 10. XXXX"]),
        ("1.No mass. 2.Clear lungs.", ["No mass. 2.Clear lungs."]),
        ("2.5 cm mass. Small.", ["2.5 cm mass.", "Small."]),
        ("Told Dr. XXXX. Done at T7. Fine.", ["Told Dr. XXXX.", "Done at T7.", "Fine."]),
        ("No edema. . No mass..", ["No edema. .", "No mass.."]),
        ("XXXX. No XXXX edema.", ["XXXX.", "No XXXX edema."]),
        ("   ", []),
        ("1. 2.", []),
    ],
)
def test_a_sentence_ends_at_a_stop_before_a_capital_or_an_item(text, found):
    assert split(text) == found


def test_sentences_keep_their_report_and_section_and_no_indication():
    reports = pd.DataFrame(
        {
            "report": ["CXR1", "CXR2"],
            "indication": ["Cough.", "Fever."],
            "findings": ["Clear. No mass.", ""],
            "impression": ["Normal.", ""],
        }
    )
    assert sentences(reports).to_numpy().tolist() == [
        ["CXR1", "findings", "Clear."],
        ["CXR1", "findings", "No mass."],
        ["CXR1", "impression", "Normal."],
    ]


def test_no_report_has_no_sentence():
    empty = pd.DataFrame(columns=["report", "findings", "impression"])
    assert list(sentences(empty)) == ["report", "section", "sentence"]


def test_gold_labels_are_numbers_by_report(table):
    gold = read_gold(table(openi.GOLD, "filename,Edema,normal", "CXR1,0,1", "CXR2,1,0"))
    assert list(gold) == ["report", "Edema", "normal"]
    assert gold.to_numpy().tolist() == [["CXR1", 0, 1], ["CXR2", 1, 0]]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["report,Edema", "CXR1,0"], "no column filename; it has: report, Edema"),
        (["filename", "CXR1"], "no column but filename"),
        (["filename,Edema", "CXR1,0", "CXR2,-1"], "row 3: Edema '-1'; allowed: 0, 1"),
        (["filename,Edema", "CXR1,"], "row 2: Edema ''; allowed: 0, 1"),
        (["filename,Edema", ",1"], "row 2: filename is blank"),
        (["filename,Edema", "CXR1,0", "CXR1,0"], "row 3: CXR1 stands there twice"),
        (["filename,Edema"], "no rows"),
    ],
)
def test_gold_labels_that_cannot_be_used_are_named(table, lines, told):
    with pytest.raises(InputError, match=rf"openi_gold_14\.csv.*{told}"):
        read_gold(table(openi.GOLD, *lines))


def test_judged_sentences_keep_their_concept_and_judgement(table):
    rows = ["report_no,concept,sentence,negation,x", '1,edema,"No EDEMA, or so.",Negated,y']
    judged = read_negex(table(openi.NEGEX, *rows))
    assert list(judged) == ["concept", "sentence", "negation"]
    assert judged.to_numpy().tolist() == [["edema", "No EDEMA, or so.", "Negated"]]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["concept,sentence", "a,b"], "no column negation"),
        (
            ["concept,sentence,negation", "a,b,Possible"],
            "row 2: negation 'Possible'",
        ),
        (["concept,sentence,negation", "a,,Negated"], "row 2: sentence is blank"),
        (["concept,sentence,negation"], "no rows"),
    ],
)
def test_judged_sentences_that_cannot_be_used_are_named(table, lines, told):
    with pytest.raises(InputError, match=rf"negex_sentences\.csv.*{told}"):
        read_negex(table(openi.NEGEX, *lines))


def test_a_folder_without_the_files_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match=r"openi_gold_14\.csv: cannot be read"):
        read_gold(tmp_path)
    with pytest.raises(InputError, match=r"negex_sentences\.csv: cannot be read"):
        read_negex(tmp_path)


@NO_REPORTS
def test_open_i_has_3955_reports_and_is_cut_in_seconds():
    start = time.process_time()  # a busy machine does not add to it
    reports = read_reports(fetched("open-i"))
    found = sentences(reports)
    assert time.process_time() - start < 3
    assert len(reports) == reports["report"].nunique() == 3955
    assert (reports["text"] == "").sum() == 28  # neither findings nor impression
    assert len(found) == 22739
    assert found["report"].nunique() == 3955 - 28
    assert found["sentence"].str.contains("[A-Za-z]").all()


@pytest.mark.text
@NO_TEXT
def test_3851_reports_have_labels_and_no_normal_one_has_a_finding():
    gold = read_gold(paths.texts())
    assert gold.shape == (3851, 16)
    has_any = gold.drop(columns=["report", "normal"]).any(axis=1)
    assert not (has_any & (gold["normal"] == 1)).any()
    assert gold[["Effusion", "Hernia", "normal"]].sum().tolist() == [153, 0, 1379]


@pytest.mark.text
@NO_TEXT
@NO_REPORTS
def test_every_labelled_report_is_among_the_reports():
    reports = read_reports(fetched("open-i"))
    assert read_gold(paths.texts())["report"].isin(reports["report"]).all()


@pytest.mark.text
@NO_TEXT
def test_of_1188_judged_sentences_243_are_denied():
    judged = read_negex(paths.texts())
    assert judged["negation"].value_counts().to_dict() == {"Affirmed": 945, "Negated": 243}
