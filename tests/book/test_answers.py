"""The answer's table and the claims' verdicts come from results alone."""

import shutil

import pytest
from tests.book.standin import estimate, write_notebook, write_result_of

from negcxr.book import Site
from negcxr.book.answers import COLUMNS, answers, markdown
from negcxr.book.claims import CLAIMS, claims_table, verdict
from negcxr.book.numbers import full
from negcxr.book.pages import answer
from negcxr.errors import InputError
from negcxr.results import Estimate

GAP, DENIED = CLAIMS[0], CLAIMS[1]


def test_each_run_has_a_row_for_the_encoder_and_one_for_the_rule_and_chance_ends(
    site: Site,
):
    rows = answers(site, "default")[["run", "scorer"]].itertuples(index=False, name=None)
    assert list(rows) == [
        ("default: phantom-default, phantoms; seen: unknown", "encoder"),
        ("default: phantom-default, phantoms; seen: unknown", "parsing rule"),
        ("clinic: phantom-clinic, phantoms", "encoder"),
        ("clinic: phantom-clinic, phantoms", "parsing rule"),
        ("any", "chance"),
    ]


def test_an_embedded_checkpoint_that_no_run_measured_is_there_from_the_kept_study(
    site: Site,
):
    write_result_of(site.root, "other", "10_retrieval")
    kept = site.root / "artifacts" / "cpu-default"
    kept.mkdir()
    (site.root / "results" / "other").rename(kept / "default")
    shutil.copytree(site.root / "results" / "clinic", kept / "clinic")
    runs = answers(site, "default")["run"].unique().tolist()
    assert runs == [
        "default: phantom-default, phantoms; seen: unknown",
        "clinic: phantom-clinic, phantoms",
        "cpu-default-default: phantom-other, phantoms; seen: unknown",
        "any",
    ]
    assert "`cpu-default-default`: artifact `artifacts/cpu-default/default`" in answer(
        site, "default"
    )


def test_a_number_of_the_table_is_that_of_the_result(site: Site):
    assert answers(site, "default").loc[0, "denied AUROC"] == full(estimate(0.12))


def test_what_a_run_did_not_measure_is_a_dash(site: Site):
    assert answers(site, "default").loc[1, "choice, denied"] == "\N{EN DASH}"


def test_chance_stands_under_each_column(site: Site):
    row = answers(site, "default").iloc[-1]
    assert list(row[2:]) == ["0.50", "0.50", "0.00", "0.50", "0.25", "0.25", "0.25"]


def test_a_number_that_the_run_shown_lacks_stops_the_build(site: Site):
    path = site.result_path("default", "10_retrieval")
    path.write_text(path.read_text().replace("denied_auroc", "other"))
    with pytest.raises(InputError, match="10_retrieval has no scalar 'denied_auroc'"):
        answers(site, "default")


def test_a_result_that_the_run_shown_lacks_stops_the_build(site: Site):
    site.result_path("default", "11_choice").unlink()
    with pytest.raises(InputError, match="run 'default' has no result of 11_choice"):
        answers(site, "default")


def test_another_run_may_lack_what_it_did_not_measure(site: Site):
    site.result_path("clinic", "11_choice").unlink()
    assert answers(site, "default").loc[2, "choice, denied"] == "\N{EN DASH}"


def test_a_run_without_any_answer_is_not_listed(site: Site):
    for notebook in ("10_retrieval", "11_choice", "13_shortcuts"):
        site.result_path("clinic", notebook).unlink()
    assert {*answers(site, "default")["run"]} == {
        *("default: phantom-default, phantoms; seen: unknown", "any")
    }


def test_a_run_that_answers_for_the_rule_alone_is_not_listed(site: Site):
    for notebook in ("10_retrieval", "11_choice"):
        site.result_path("clinic", notebook).unlink()
    assert site.result_path("clinic", "13_shortcuts").is_file()
    runs = {*answers(site, "default")["run"]}
    assert runs == {"default: phantom-default, phantoms; seen: unknown", "any"}


def test_the_table_is_markdown_with_a_cell_for_each_column(site: Site):
    lines = markdown(answers(site, "default")).splitlines()
    assert len(lines) == 2 + 5
    assert {line.count("|") for line in lines} == {len(COLUMNS) + 3}


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.1, 0.3, "direction agrees"),
        (-0.3, -0.1, "direction disagrees"),
        (-0.1, 0.1, "undecided: the interval holds both"),
    ],
)
def test_a_gap_agrees_with_the_paper_where_all_of_its_interval_is_above_zero(
    low: float, high: float, said: str
):
    assert verdict(GAP, Estimate(value=0, low=low, high=high, n=9)) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.1, 0.4, "direction agrees"),
        (0.6, 0.9, "direction disagrees"),
        (0.4, 0.6, "undecided: the interval holds both"),
    ],
)
def test_denied_prompts_return_what_they_deny_where_all_of_the_interval_is_below_a_half(
    low: float, high: float, said: str
):
    assert verdict(DENIED, Estimate(value=0.5, low=low, high=high, n=9)) == said


def test_a_claim_without_a_number_says_why(site: Site):
    unknown = Estimate(value=None, n=3, note="not evaluable: too few")
    assert verdict(GAP, unknown) == "not evaluable: too few"


def test_a_claim_that_no_chapter_of_any_run_tests_says_so(site: Site):
    known = site.results("default")
    untested = sum(claim.notebook not in known for claim in CLAIMS)
    said = claims_table(site, "default").count("not tested by any run here")
    assert said == untested == 6


def test_a_claim_of_several_numbers_has_a_row_for_each(site: Site, monkeypatch):
    names = ("con2_minus_con1_denied", "con2_minus_con1_denied_web", "con1_denied_change")
    names += ("con2_minus_con1_composite_clinic", "con1_denied_change_my_base")
    numbers = {"29_comparison": {name: (0.3, None) for name in names}}
    monkeypatch.setattr("tests.book.standin.SCALARS", numbers)
    write_result_of(site.root, "default", "29_comparison")
    write_notebook(site.root, "default", "29_comparison")
    table = claims_table(site, "default")
    for said in ("default: my base", "default: denied web", "default: composite clinic"):
        assert table.count(f"<td>{said}</td>") == 1
    assert table.count("<td>default: ") == 3


def test_a_price_agrees_with_the_paper_where_it_is_below_zero():
    price = next(claim for claim in CLAIMS if "costs" in claim.text)
    assert verdict(price, Estimate(value=-0.1, low=-0.2, high=-0.05, n=9)) == (
        "direction agrees"
    )
