"""No row of a credentialed data set leaves: what is found, what passes, what is refused."""

import base64
import json

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from negcxr import figures, results
from negcxr.book.guarding import refuse_notebook, refuse_run
from negcxr.data.dataset import Dataset
from negcxr.errors import InputError
from negcxr.guard import enough, refuse_table, refuse_text, secrets_for, secrets_of
from negcxr.guard.secrets import MINIMUM
from negcxr.results import Estimate, write_result

N = 40
SENTENCE = "A tiny nodule lies behind the left third rib of this retired Zebrakeeper."
WORD = "10000032"  # the patient of row 3, as others glue it


class Greys:
    """An image whose grey level is its row."""

    def open(self, row):
        return Image.new("L", (8, 8), row)

    def key(self, row):
        return f"image {row}"


class Written:
    """Reports of which one row's is told by a sentence of its own."""

    def read(self, row):
        said = SENTENCE if row == 3 else "No pleural effusion."
        return {"FINDINGS": said, "IMPRESSION": ""}


def planted(n=N, **changes):
    """A credentialed data set in the manner of MIMIC-CXR: folders, studies, file names."""
    patients = [str(10000029 + row) for row in range(n)]
    table = pd.DataFrame({"patient": patients, "view": "PA", "split": "test"})
    table["image"] = [
        f"files/p10/p{p}/s{50000000 + row}/02aa804e-bde0-{row:04d}.jpg"
        for row, p in enumerate(patients)
    ]
    given = {
        "name": "planted",
        "kind": "films",
        "table": table,
        "findings": ("Edema",),
        "labels": (np.arange(n)[:, None] % 2).astype(float),
        "policy": "explicit",
        "images": Greys(),
        "terms": "none may leave",
        "shows_images": False,
        "sections": Written(),
        "credentialed": True,
    }
    return Dataset(**given | changes)


SECRETS = secrets_of(planted())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("patient 10000032", id="patient"),
        pytest.param("p10000032", id="folder"),
        pytest.param("row_10000032_left.csv", id="glued"),
        pytest.param("S50000003", id="study"),
        pytest.param("02AA804E-bde0-0003", id="file without suffix"),
        pytest.param("/home/me/files/p10/p10000032/s50000003/x.jpg", id="path"),
        pytest.param('{"name": "p\\u0031\\u0030000032"}', id="escaped as JSON"),
        pytest.param("p&#49;0000032", id="escaped as HTML"),
        pytest.param(SENTENCE, id="sentence"),
        pytest.param(SENTENCE.upper().replace(" ", "  "), id="shouted"),
        pytest.param("... behind the left third rib of this retired man", id="eight words"),
        pytest.param(
            "".join(f"<b>{word}</b>\n" for word in SENTENCE.split()), id="a tag a word"
        ),
    ],
)
def test_what_names_a_row_or_repeats_a_report_is_found(text):
    with pytest.raises(InputError, match="here: .*; planted is credentialed") as error:
        refuse_text(text, SECRETS, where="here")
    assert WORD not in str(error.value)
    assert "Zebrakeeper" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("no pleural effusion", id="a prompt that reports repeat"),
        pytest.param("behind the left third rib of this", id="seven words"),
        pytest.param("0.10000032 and 1.10000032e-05", id="decimals"),
        pytest.param("files/p10", id="a folder of many patients"),
        pytest.param("10000028", id="nobody"),
        pytest.param("110000032", id="a longer number"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_of_nobody_passes(text):
    refuse_text(text, SECRETS, where="here")


def test_two_texts_side_by_side_make_no_sentence():
    from negcxr.guard import APART

    words = SENTENCE.split()
    refuse_text(APART.join([" ".join(words[:7]), " ".join(words[7:])]), SECRETS, where="x")


MEASURES = pd.DataFrame(
    {"finding": ["Edema", "Pneumothorax"], "value": [0.8, 0.7], "n": [40, 40]}
)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (MEASURES.assign(who=["x", "p10000032"]), "column who: the name of"),
        (MEASURES.assign(who=["x", "10000032"]), "column who: the name of"),
        (MEASURES.assign(who=[1, 10000032]), "column who: the name of"),
        (MEASURES.assign(text=["x", SENTENCE]), "column text: 8 words in a row of a rep"),
        (MEASURES.assign(Patient=[1, 2]), "column Patient: a column of this name holds"),
        (MEASURES.assign(row=[[1.0], [2.0]]), "column row: cells that are neither"),
        (pd.DataFrame({"score": np.arange(N) / 7}), f"a row for each of {N} images"),
        (
            pd.DataFrame({"f": ["a"] * N + ["b"] * N, "score": np.arange(2 * N) / 7}),
            f"a row for each of {N} images",
        ),
        (
            pd.DataFrame(
                {"truth": ["edema", "none"] * (N // 2), "score": np.arange(N) / 7}
            ),
            f"a row for each of {N} images",
        ),
        (
            pd.DataFrame({"key": [f"x{i}" for i in range(N)], "score": np.arange(N) / 7}),
            f"a row for each of {N} images",
        ),
        (
            pd.DataFrame(
                {"key": [f"x{i}" for i in range(N)] * 2, "of": ["a"] * N + ["b"] * N}
            ).assign(score=np.arange(2 * N) / 7),
            f"a row for each of {N} images",
        ),
        (pd.DataFrame(np.zeros((3, N))), f"a column for each of {N} images"),
        (MEASURES.assign(prevalence=[0.5, 0.1]), "a share of fewer than 5 images"),
        (MEASURES.assign(prevalence=[0.5, 0.9]), "a share of fewer than 5 images"),
    ],
)
def test_a_table_of_rows_is_refused_with_its_column(table, said):
    with pytest.raises(InputError, match=f"table t.*{said}"):
        refuse_table(table, SECRETS, where="table t")


@pytest.mark.parametrize(
    "table",
    [
        MEASURES,
        MEASURES.assign(prevalence=[0.5, 0.125]),
        MEASURES.assign(prevalence=[0.0, np.nan]),
        MEASURES.iloc[:0],
        pd.DataFrame({"measure": "auroc", "draw": range(N + 1), "value": 0.5}),
        pd.DataFrame(  # by chance as many rows as images, each told by its words
            [(f"p{i}", f"s{j}", 0.5) for i in range(8) for j in range(N // 8)],
            columns=["polarity", "scorer", "value"],
        ),
    ],
)
def test_aggregates_pass(table):
    refuse_table(table, SECRETS, where="table t")


def test_patients_are_counted_where_they_are_fewer_than_images():
    twice = planted().table.assign(patient=[f"person-{row // 2}" for row in range(N)])
    secrets = secrets_of(planted(table=twice))
    with pytest.raises(InputError, match="a row for each of 20 patients"):
        refuse_table(pd.DataFrame({"score": np.arange(20) / 7}), secrets, where="t")


def test_a_free_data_set_has_no_secrets():
    assert secrets_of(planted(credentialed=False)) is None
    assert secrets_for({"dataset": "phantoms"}) is None
    assert secrets_for({}) is None


def write(folder, dataset, **changes):
    given = {
        "parameters": {"dataset": "folder", "n_images": 0, "seed": 0},
        "scalars": {"auroc": Estimate(value=0.5, n=N)},
        "tables": {"measures": MEASURES},
        "started": results.now(),
        "dataset": dataset,
        **changes,
    }
    return write_result(folder, "10_tiny", **given)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"tables": {"rows": pd.DataFrame({"image": ["a"]})}},
            "result of 10_tiny, table rows, column image",
        ),
        (
            {"scalars": {"auroc": Estimate(value=None, n=3, note=f"only p{WORD}")}},
            "result of 10_tiny, its words: the name of an image",
        ),
        (
            {"scalars": {f"auroc_{WORD}": Estimate(value=1, n=3)}},
            "result of 10_tiny, .*the name of an image",
        ),
        (
            {"scalars": {"auroc": Estimate(value=1, n=40, prevalence=0.1)}},
            "result of 10_tiny, its numbers: a share of fewer than 5 images",
        ),
    ],
)
def test_a_result_with_a_row_is_refused_and_nothing_is_left(tmp_path, changes, said):
    with pytest.raises(InputError, match=said):
        write(tmp_path / "run", planted(), **changes)
    assert not (tmp_path / "run").exists()
    write(tmp_path / "run", planted(credentialed=False), **changes)  # its owner's choice


def test_aggregates_are_written_and_say_that_their_data_are_credentialed(tmp_path):
    made = results.read_result(write(tmp_path / "run", planted())).provenance
    assert made.dataset.credentialed


@pytest.mark.parametrize(("others", "told"), [(MINIMUM - 1, False), (MINIMUM, True)])
def test_a_side_of_too_few_patients_is_not_judged(others, told):
    relevance = np.zeros((1, N))
    relevance[0, :others] = 1
    assert np.isfinite(enough(relevance, planted())).all() == told
    assert np.isfinite(enough(relevance, planted(credentialed=False))).all()


def test_many_images_of_one_patient_are_still_one_patient():
    one = planted().table.assign(patient=["a"] * 20 + [f"b{row}" for row in range(20)])
    relevance = np.r_[np.ones(20), np.zeros(20)][None]
    assert np.isnan(enough(relevance, planted(table=one))).all()


def shows(**data):
    output = new_output(
        "display_data", data={k.replace("_", "/"): v for k, v in data.items()}
    )
    return new_code_cell("figures.show()", outputs=[output], execution_count=1)


def html(thing):
    if isinstance(thing, figures.Html):
        return thing.text
    return thing._repr_mimebundle_()["text/html"]


def chart(n):
    rows = {"scorer": "encoder", "finding": [f"f{i % 4}" for i in range(n)]}
    table = pd.DataFrame(
        rows | {"value": np.arange(n) / n, "low": 0.1, "high": 0.9, "chance": 0.5}
    )
    return html(
        figures.interval_dots(table, rows="finding", colour="scorer", description="d")
    )


PIXEL = base64.b64encode(b"\x89PNG").decode()
LEAKS = {
    "a print": new_code_cell(
        "x", outputs=[new_output("stream", name="stdout", text=f"worst: p{WORD}")]
    ),
    "a warning": new_code_cell(
        "x", outputs=[new_output("stream", name="stderr", text=f"{WORD}.png is odd")]
    ),
    "an error": new_code_cell(
        "x",
        outputs=[new_output("error", ename="E", evalue="v", traceback=[f"in s{50000003}"])],
    ),
    "a frame": shows(text_html=planted().table.head()._repr_html_()),
    "a frame as text": shows(text_plain=repr(planted().table.head())),
    "rows without a name": shows(
        text_html=pd.DataFrame({"s": np.arange(N) / 7, "t": 1}).to_html()
    ),
    "a report": shows(text_plain=SENTENCE),
    "a picture": shows(image_png=PIXEL),
    "a picture inside": shows(text_html=f'<img src="data:image/png;base64,{PIXEL}">'),
    "a chart of rows": shows(text_html=chart(N)),
    "a chart's tooltip": shows(text_html=chart(8).replace('"f3"', f'"p{WORD}"')),
    "words": new_markdown_cell(f"Patient {WORD} is odd."),
    "source": new_code_cell(f"wrong = '{WORD}'", execution_count=1),
}
GRID = pd.DataFrame(
    [(f"p{i}", f"s{j}", i + j / 7, 0.1, 0.9) for i in range(8) for j in range(N // 8)],
    columns=["polarity", "scorer", "value", "low", "high"],
)
SAFE = {
    "a chart with a name a row": shows(
        text_html=html(
            figures.interval_dots(
                GRID.assign(chance=0.5),
                rows="scorer",
                colour="polarity",
                group="",
                description="d",
            )
        )
    ),
    "as many rows as images, told by words": shows(
        text_html=html(figures.small_table(GRID, "A grid"))
    ),
    "a chart": shows(text_html=chart(8)),
    "a table": shows(text_html=html(figures.small_table(MEASURES, "Measures"))),
    "a print": new_code_cell(
        "x", outputs=[new_output("stream", name="stdout", text="policy explicit")]
    ),
}


def notebook(cell):
    cells = [new_markdown_cell("# Title"), cell]
    asked = {"dataset": "folder", "root": "/data/planted"}
    return new_notebook(cells=cells, metadata={"papermill": {"parameters": asked}})


@pytest.mark.parametrize("leak", LEAKS)
def test_a_notebook_that_shows_a_row_is_refused_with_its_cell(leak):
    with pytest.raises(InputError, match="10_tiny, cell 2") as error:
        refuse_notebook(notebook(LEAKS[leak]), SECRETS, where="10_tiny")
    assert WORD not in str(error.value)


@pytest.mark.parametrize("cell", SAFE)
def test_a_notebook_of_aggregates_passes(cell):
    refuse_notebook(notebook(SAFE[cell]), SECRETS, where="10_tiny")


def test_a_run_whose_data_are_gone_is_refused_since_nothing_can_be_checked(tmp_path):
    gone = {"dataset": "folder", "root": str(tmp_path / "gone"), "n_images": 0, "seed": 0}
    path = write(tmp_path / "run", planted(), parameters=gone)
    executed = tmp_path / "executed" / "10_tiny.ipynb"
    executed.parent.mkdir()
    nbformat.write(notebook(SAFE["a print"]), executed)
    with pytest.raises(InputError, match="'folder' cannot be looked into without its data"):
        refuse_run({"10_tiny": path}, [executed])
    refuse_run({"10_tiny": path}, [executed], found=False)  # kept where the data were
    nbformat.write(notebook(LEAKS["a picture"]), executed)
    with pytest.raises(InputError, match="10_tiny.ipynb, cell 2: a picture"):
        refuse_run({"10_tiny": path}, [executed], found=False)


def test_a_run_of_free_data_is_not_looked_into(tmp_path):
    path = write(tmp_path / "run", planted(credentialed=False))
    executed = tmp_path / "10_tiny.ipynb"
    executed.write_text(json.dumps({"broken": True}))
    refuse_run({"10_tiny": path}, [executed])
