"""Probes on sides: which texts are asked, and what tables say of planted towers."""

import numpy as np
import pytest
from tests.planted import FAMILIES, PLANT, POLE, planted

from negcxr.chapters import Sampling
from negcxr.chapters.image_answers import answer_numbers, image_answers
from negcxr.chapters.linear import (
    BOTH_OUT,
    CUE_OUT,
    FINDING_OUT,
    SPLITS,
    layer_table,
    probe_sides,
)
from negcxr.chapters.probe_changes import (
    ABSENCE,
    APART,
    DOUBLE,
    NEITHER,
    POLARITY,
    STEMS,
    WORD,
    bag_numbers,
    probe_changes,
    probe_numbers,
    verdicts,
)
from negcxr.chapters.probe_reading import reading_table
from negcxr.chapters.probe_texts import cue_family, probe_texts
from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.towers import open_tower
from negcxr.probe.linear import READ, WORDS, Probing
from negcxr.text.prompts import Prompt, load_prompt_set

SAMPLING, PROBING = Sampling(n_resamples=200, seed=0), Probing(1.0, n_folds=2, n_controls=2)
FINDINGS = ("effusion", "pneumonia")
FRAMES = {  # three words each, so that no length tells them apart
    "affirmed": ("evidence evidence {}", "evidence {} evidence", "{} evidence evidence"),
    "denied": ("no evidence {}", "evidence {} no", "{} no evidence"),
    "double-negation": ("no no {}",),
}


def make_prompts(findings=FINDINGS):
    return [
        Prompt(
            id=f"{finding}/{polarity}/{number}",
            finding=finding,
            polarity=polarity,
            cue="" if polarity == "affirmed" else f"no, {number}",
            text=frame.format(finding),
            template=str(number),
        )
        for polarity, frames in FRAMES.items()
        for number, frame in enumerate(frames)
        for finding in findings
    ]


def side(name, tower):
    """Ten images on the side of the pole that is affirmed, ten on the other."""
    dim = tower.encode_texts(["no"]).shape[1]
    rows = np.eye(dim)[[POLE] * 20] * np.repeat([1, -1], 10)[:, None]
    relevance = np.repeat([[1.0], [0.0]], 10, axis=0).repeat(2, axis=1)
    return Side(name, tower, rows, relevance, FINDINGS, np.arange(20).astype(str))


@pytest.fixture(scope="module", params=FAMILIES)
def sides(request, tmp_path_factory):
    """A deaf base, and a side that hears by one head."""
    root, found = tmp_path_factory.mktemp("sides"), []
    for name, plant in (("base", None), ("tuned", PLANT)):
        folder = planted(root / name, request.param, plant=plant)
        found.append(side(name, open_tower(load_encoder(str(folder)))))
    return found


@pytest.fixture(scope="module")
def probed(sides):
    return probe_sides(sides, probe_texts(make_prompts()), PROBING)


def only(table, **equal):
    for column, value in equal.items():
        table = table[table[column] == value]
    return table


def test_cues_that_share_a_word_are_one_family():
    cues = {"no", "not", "no sign of", "absence of", "without"}
    found = [cue_family(cue, cues) for cue in sorted(cues)]
    assert found == ["absence of", "no", "no", "not", "without"]


def test_polar_texts_come_first_and_each_equivalent_has_its_sign():
    texts = probe_texts(load_prompt_set("chest", ("Pleural Effusion", "Edema")))
    assert set(texts.kinds[: texts.n_polar]) == {"affirmed", "denied"}
    assert not texts.polar[texts.n_polar :].any()
    asked = dict(zip(texts.texts, texts.kinds, strict=True))
    assert asked["sharp costophrenic angles"] == "equivalent"
    assert asked["blunted costophrenic angles"] == "sign"
    families = {f for f in texts.families if f.startswith("denied")}
    wordings = {w for w in texts.wordings if w.startswith("denied")}
    assert (len(families), len(wordings)) == (10, 14)


def test_prompts_without_a_denial_are_refused():
    affirmed = [p for p in make_prompts() if p.polarity == "affirmed"]
    with pytest.raises(InputError, match="no denied prompt"):
        probe_texts(affirmed)


@pytest.mark.model
def test_the_row_is_read_where_it_hears_and_the_words_on_both_sides(probed):
    table = only(layer_table(probed, SAMPLING), target="probe", split=FINDING_OUT)
    rows = only(table, where="row").set_index("side")
    assert rows["value"].to_dict() == {"base": 0.5, "tuned": 1.0}
    assert rows["low"].to_dict() == {"base": 0.5, "tuned": 1.0}
    assert rows.loc["tuned", "p"] == pytest.approx(2 / 201)
    words = only(table, state=WORDS, where="before layer 1")
    assert words["value"].tolist() == [1, 1]


@pytest.mark.model
def test_tables_have_a_row_a_layer_split_and_target(probed, sides):
    table = layer_table(probed, SAMPLING)
    depth = len(sides[0].tower.layers)
    cells = (depth + 2) + (depth + 1)  # states where is read, the row, means of words
    assert len(table) == 2 * cells * (3 + 3 + 1)
    assert set(table["split"]) == set(SPLITS)
    assert only(table, target="control")["p"].isna().all()
    for _, block in table.groupby(["side", "state", "split", "target"]):
        tested = block["p"].notna().sum()
        least = min(1, tested * block["p"].min()) if tested else np.nan
        assert block["p_holm"].min() == pytest.approx(least, nan_ok=True)
    parts = table.pivot_table(
        index=["side", "state", "layers", "split"], columns="target", values="value"
    ).dropna()
    assert (parts["probe"] - parts["control"]).to_numpy() == pytest.approx(
        parts["selectivity"].to_numpy()
    )


@pytest.mark.model
def test_a_tower_that_counts_no_reads_a_double_negation_as_absent(probed):
    table = reading_table(probed, SAMPLING)
    row = only(table, side="tuned", state=READ, where="row").set_index("kind")
    assert row["value"].to_dict() == {"affirmed": 0, "denied": 1, "double-negation": 1}
    assert row.loc["double-negation", "says"] == "present"
    assert row["texts"].to_dict() == {"affirmed": 6, "denied": 6, "double-negation": 2}


@pytest.mark.model
def test_changes_are_against_the_base_and_in_the_form_of_all_chapters(probed):
    table = probe_changes(probed, SAMPLING)
    columns = "measure side value low high change change_low change_high p p_holm"
    assert list(table) == columns.split()
    assert set(table["measure"]) == set(STEMS)
    base, tuned = (only(table, side=s).set_index("measure") for s in ("base", "tuned"))
    assert base[["change", "p", "p_holm"]].isna().all(axis=None)
    assert tuned.loc[POLARITY, "change"] == 0.5
    assert tuned.loc[DOUBLE, "value"] == 0
    assert np.isnan(tuned.loc[APART, "value"])  # there is no equivalent


@pytest.mark.model
def test_numbers_are_named_by_measure_and_side_and_say_why_they_are_missing(probed):
    found = probe_numbers(probe_changes(probed, SAMPLING), probed[0].texts)
    assert found["polarity_finding_out_tuned"].value == 1
    assert found["polarity_finding_out_tuned"].n == 12
    assert found["polarity_finding_out_change_tuned"].value == 0.5
    assert found["double_negation_present_base"].n == 2
    assert found["equivalents_absent_base"].note.startswith("not evaluable: no such text")
    assert "polarity_finding_out_change_base" not in found
    bag = bag_numbers(layer_table(probed, SAMPLING))
    assert bag["bag_finding_out_base"].value == 1
    assert bag["bag_control_base"].chance == 0.5


@pytest.mark.model
def test_verdicts_ask_for_more_than_telling_affirmed_from_denied(probed):
    table = probe_changes(probed, SAMPLING)
    found = verdicts(table).set_index("side")["reads"]
    assert found.to_dict() == {"base": NEITHER, "tuned": WORD}
    heard = table.assign(low=0.9, high=1.0)
    assert set(verdicts(heard)["reads"]) == {ABSENCE}
    open_ = table.assign(low=0.4, high=1.0)
    open_.loc[open_["measure"] == POLARITY, "low"] = 0.9
    assert set(verdicts(open_)["reads"]) == {NEITHER}


@pytest.mark.model
def test_what_images_are_told_is_the_pole(sides):
    texts = probe_texts(make_prompts())
    found = image_answers(sides, texts, SAMPLING).set_index(["side", "polarity"])["value"]
    assert found["base", "denied"] == pytest.approx(found["base", "affirmed"], abs=0.05)
    assert found["tuned", "denied"] < 0 < found["tuned", "affirmed"]
    numbers = answer_numbers(image_answers(sides, texts, SAMPLING))
    assert numbers["answer_denied_tuned"].value == found["tuned", "denied"]
    assert numbers["answer_denied_tuned"].n == 6


@pytest.mark.model
def test_each_text_is_told_to_images_of_its_own_finding(sides):
    one = sides[1]
    turned = one.relevance * [1, -1] + [0, 1]  # pneumonia lies on the other side
    texts = probe_texts(make_prompts())
    affirmed = image_answers([one._replace(relevance=turned)], texts, SAMPLING).set_index(
        "polarity"
    )["value"]["affirmed"]
    assert affirmed == pytest.approx(0, abs=0.05)


@pytest.mark.model
def test_one_finding_alone_leaves_findings_unheld_but_not_cues(sides):
    texts = probe_texts(make_prompts(FINDINGS[:1]))
    table = only(layer_table(probe_sides(sides, texts, PROBING), SAMPLING), where="row")
    polarity = only(table, target="probe", side="tuned").set_index("split")["value"]
    assert np.isnan(polarity[FINDING_OUT])
    assert np.isnan(polarity[BOTH_OUT])
    assert polarity[CUE_OUT] > 0.5


@pytest.mark.model
def test_sides_that_were_asked_other_texts_are_refused(probed, sides):
    (other,) = probe_sides(sides[1:], probe_texts(make_prompts()[:-1]), PROBING)
    with pytest.raises(InputError, match="tuned was asked 13 texts and base 14 others"):
        probe_changes([probed[0], other], SAMPLING)
