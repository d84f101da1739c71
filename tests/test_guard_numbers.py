"""Numbers that are no aggregates: too many of them, over too few, or names as numbers."""

import numpy as np
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from tests.test_guard import SECRETS, SENTENCE, WORD, N, notebook, planted, shows, write

from negcxr.book.guarding import refuse_notebook
from negcxr.errors import InputError
from negcxr.guard import Secrets, refuse_table, refuse_text
from negcxr.guard.numbers import MOST
from negcxr.guard.texts import strings_in
from negcxr.results import Estimate, read_result, refuse_said

RANDOM = np.random.default_rng(0).random


@pytest.mark.parametrize(
    "text", [f"{WORD}.0", f"[{WORD}.0, 1.5]", f"nobody but {WORD}.", "1.0000032e+07"]
)
def test_a_name_that_became_a_number_with_decimals_is_found(text):
    with pytest.raises(InputError, match="here: the name of an image or a patient"):
        refuse_text(text, SECRETS, where="here")


def test_a_number_with_a_fraction_is_nobody():
    refuse_text(f"{WORD}.5 and 1.00000325e+07", SECRETS, where="here")


@pytest.mark.parametrize("name", ["value", "low", "high"])
def test_a_number_of_a_result_is_no_name(tmp_path, name):
    given = {"value": 0.5, "n": N} | {name: float(WORD)}
    with pytest.raises(InputError, match="its numbers: the name of an image"):
        write(tmp_path / "run", planted(), scalars={"worst": Estimate(**given)})


def test_infinity_is_nobody():
    table = pd.DataFrame({"finding": ["a", "b"], "ratio": [np.inf, -np.inf]})
    refuse_table(table, SECRETS, where="table t")


FEW = "a count of fewer than 5 images"
GROUPS = pd.DataFrame({"group": ["AP", "PA"], "value": [0.9, 0.4]})


@pytest.mark.parametrize("column", ["n", "N", "patients", "count", "absent"])
@pytest.mark.parametrize("few", [1, 4])
def test_a_group_of_a_few_images_is_refused(column, few):
    with pytest.raises(InputError, match=f"table t, column {column}: {FEW}"):
        refuse_table(GROUPS.assign(**{column: [few, 39]}), SECRETS, where="table t")


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(GROUPS.assign(n=[5, 35]), id="five are enough"),
        pytest.param(GROUPS.assign(n=[0, 40]), id="none tells of nobody"),
        pytest.param(GROUPS.assign(queries=[1, 3]), id="queries are no images"),
        pytest.param(GROUPS.assign(present=[1.0, 0.0]), id="shares are no counts"),
        pytest.param(
            pd.DataFrame({"cue": ["no", "free of"], "n": [90, 1]}), id="sentences"
        ),
    ],
)
def test_other_counts_pass(table):
    refuse_table(table, SECRETS, where="table t")


@pytest.mark.parametrize(
    ("number", "refused"),
    [
        (Estimate(value=0.9, n=4, prevalence=1), True),
        (Estimate(value=0.9, low=0.8, high=1, n=4), False),  # four prompts
        (Estimate(value=0.9, n=1), True),
        (Estimate(value=0.9, n=1, note="lowest over 1 maps"), False),
        (Estimate(value=1, n=1), False),  # one method was run
        (Estimate(value=3, n=4), False),  # three of four findings turned
        (Estimate(value=0.9, n=5, prevalence=1), False),
    ],
)
def test_a_number_over_a_few_is_refused_where_it_may_be_of_images(
    tmp_path, number, refused
):
    if not refused:
        write(tmp_path / "run", planted(), scalars={"x": number})
        return
    with pytest.raises(InputError, match="its numbers: a number over fewer than 5 images"):
        write(tmp_path / "run", planted(), scalars={"x": number})


ROWS = f"more than {MOST} rows of numbers under one heading"
EACH = "a whole number for each of as many rows as there are patients"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame(RANDOM((N - 1, 5))), ROWS),
        (pd.DataFrame({"truth": ["a"] * (N - 1), "score": RANDOM(N - 1)}), ROWS),
        (pd.DataFrame({"age": [61.5] * 10, "finding": "Edema"}), "column age: a column of"),
        (
            pd.DataFrame({"Sex": list("MF") * 5, "n": 9}),
            "column Sex: a column of this",
        ),
        (pd.DataFrame({"label": [1, 0], "view": "PA"}), "column label: a column of this"),
        (
            pd.DataFrame({"i": np.repeat(np.arange(N), 8), "value": RANDOM(8 * N)}),
            f"column i: {EACH}",
        ),
        (
            pd.DataFrame({"dim": np.arange(512), "value": RANDOM(512)}),
            f"column dim: {EACH}",
        ),
        (pd.DataFrame({"side": "base", "value": RANDOM(512)}), ROWS),
        (pd.DataFrame(RANDOM((1, MOST + 1))), f"more than {MOST} columns of numbers"),
        (pd.DataFrame({"grey": RANDOM(64 * 64)}), ROWS),
    ],
)
def test_rows_in_another_number_than_that_of_images_are_refused(table, said):
    with pytest.raises(InputError, match=f"table t.*{said}"):
        refuse_table(table, SECRETS, where="table t")


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(
            pd.DataFrame({"draw": [*range(501)] * 2, "measure": ["a"] * 501 + ["b"] * 501}),
            id="resamples",
        ),
        pytest.param(
            pd.DataFrame(
                [(i, j, 0.1 * j) for i in range(1, 13) for j in range(1, 13)],
                columns=["layer", "head", "value"],
            ),
            id="heads",
        ),
        pytest.param(
            pd.DataFrame({"polarity": "denied", "x": RANDOM(60), "y": RANDOM(60)}),
            id="a map of sentences",
        ),
        pytest.param(pd.DataFrame({"step": range(60), "loss": RANDOM(60)}), id="training"),
    ],
)
def test_what_is_told_apart_by_something_else_than_an_image_passes(table):
    refuse_table(table, SECRETS, where="table t")


@pytest.mark.parametrize("name", [f"p{WORD}", WORD, int(WORD), SENTENCE])
def test_a_column_may_be_called_by_no_name(name):
    with pytest.raises(InputError, match="table t, its columns: "):
        refuse_table(pd.DataFrame({name: [0.1, 0.2]}), SECRETS, where="table t")


def test_a_report_with_a_word_a_row_is_found():
    words = SENTENCE.split()
    table = pd.DataFrame({"token": words, "value": np.arange(len(words)) / 7})
    with pytest.raises(InputError, match="column token: 8 words in a row of a report"):
        refuse_table(table, SECRETS, where="table t")


def test_reports_of_the_split_are_known_beyond_the_sample():
    part = planted().take([0, 1, 2])  # the telling report is that of row 3
    refuse_text(SENTENCE, Secrets(SECRETS.names, part), where="here")
    with pytest.raises(InputError, match="8 words in a row of a report"):
        refuse_text(SENTENCE, Secrets(SECRETS.names, part, planted()), where="here")


def printed(text):
    return new_code_cell("x", outputs=[new_output("stream", name="stdout", text=text)])


def marked(cell, **metadata):
    cell.metadata.update(metadata)
    return cell


LEAKS = {
    "rows as a list": printed(str(RANDOM((N - 1, 8)).tolist())),
    "rows as an array": printed(repr(RANDOM((5, 8)))),
    "numbers that say their type": printed(str(list(RANDOM(40)))),
    "labels": printed(str([True, False] * 17)),
    "greys": shows(text_html=f"<pre>{' '.join(map(str, range(40)))}</pre>"),
    "a number with decimals": printed(f"{WORD}.0"),
    "metadata of a cell": marked(printed("fine"), who=f"p{WORD}"),
    "metadata of an output": new_code_cell(
        "x", outputs=[new_output("display_data", metadata={"who": WORD}, data={})]
    ),
    "a picture in words": new_markdown_cell('<img src="data:image/png;base64,AAAA">'),
    "a picture in capitals": shows(text_html='<img src="DATA:image/png;base64,AAAA">'),
    "a drawing": shows(**{"image_svg+xml": "<svg/>"}),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_notebook_with_a_row_anywhere_is_refused(leak):
    with pytest.raises(InputError, match="10_tiny, cell 2: ") as error:
        refuse_notebook(notebook(LEAKS[leak]), SECRETS, where="10_tiny")
    assert WORD not in str(error.value)


@pytest.mark.parametrize("state", [f"row of p{WORD}", "data:image/png;base64,AAAA"])
def test_what_a_widget_holds_is_looked_into(state):
    held = notebook(printed("fine"))
    held.metadata["widgets"] = {"state": {"a1": {"value": state}}}
    with pytest.raises(InputError, match="10_tiny, metadata: "):
        refuse_notebook(held, SECRETS, where="10_tiny")


def test_a_few_numbers_in_a_row_pass():
    refuse_notebook(notebook(printed(str(RANDOM(MOST).tolist()))), SECRETS, where="x")


def test_what_made_a_result_is_looked_into_but_for_hashes(tmp_path):
    made = read_result(write(tmp_path / "run", planted()))
    refuse_said(made, SECRETS, where="x")
    hashed = made.provenance.model_copy(update={"commit": WORD})
    refuse_said(made.model_copy(update={"provenance": hashed}), SECRETS, where="x")
    named = made.provenance.model_copy(update={"platform": WORD})
    with pytest.raises(InputError, match="x, its words: the name of an image"):
        refuse_said(made.model_copy(update={"provenance": named}), SECRETS, where="x")


def test_every_text_number_and_key_is_read_however_deep():
    assert [*strings_in({"a": [1, {"b": ("c", None)}]})] == ["a", "1", "b", "c", "None"]
