"""The geometry of sides whose layout is planted: heard, deaf, and changed between them."""

import numpy as np
import pandas as pd
import pytest

from negcxr.chapters import Sampling
from negcxr.chapters.denial_space import position_table, ranks, transfer_table
from negcxr.chapters.geometry import CHANGED, change_table, dealt_table, layout
from negcxr.chapters.map_spread import map_scalars, mapped_sides, shown, spread
from negcxr.chapters.maps import (
    charted_images,
    charted_texts,
    evenest,
    image_purities,
    mapped_by_name,
)
from negcxr.chapters.placed_texts import POLES, Texts, placed
from negcxr.chapters.side_changes import side_changes, side_numbers
from negcxr.chapters.sides import Side
from negcxr.errors import InputError
from negcxr.text.prompts import load_prompt_set
from negcxr.text.vocabulary import load_words

FINDINGS = ("Edema", "Pneumothorax", "Pleural Effusion", "Lung Lesion")
WORDS = load_words(FINDINGS)
PROMPTS = load_prompt_set("chest", FINDINGS)
PLAIN = load_prompt_set("plain", FINDINGS)
ASKED = ("affirmed", "denied", "equivalent", "double-negation")
SAMPLING = Sampling(n_resamples=60, seed=0, k=4)
DIM = len(FINDINGS) + 40


class Tower:
    """A row is its finding's axis, a pole if it hears, and a little of its own wording."""

    def __init__(self, prompts, hears):
        self.known, self.hears = {p.text: p for p in prompts}, hears

    def encode_texts(self, texts):
        rows = np.array([self.place(self.known[text]) for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    def place(self, prompt):
        row = np.zeros(DIM)
        row[FINDINGS.index(prompt.finding)] = 1
        absent = prompt.polarity in ("denied", "equivalent")
        row[len(FINDINGS)] = (-1 if absent else 1) * self.hears
        words = sum(map(ord, prompt.cue or prompt.template))
        row[5:] = np.random.default_rng(words).normal(0, 0.03, DIM - 5)
        return row


def make_side(name, *, hears, prompts=PROMPTS):
    rng = np.random.default_rng(0)
    relevance = (rng.random((40, len(FINDINGS))) < [0.5, 0.3, 0.2, 0.1]).astype(float)
    rows = np.pad(relevance * 2 - 1, ((0, 0), (0, DIM - len(FINDINGS))))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    patients = np.array([f"patient {i // 2}" for i in range(40)])
    tower = Tower(prompts, hears)
    return Side(name, tower, rows, relevance, FINDINGS, patients)


@pytest.fixture(scope="module")
def sides():
    return {
        "base": make_side("base", hears=0),
        "no-price": make_side("no-price", hears=1),
    }


@pytest.fixture(scope="module")
def texts(sides):
    return {name: placed(side, PROMPTS, ASKED) for name, side in sides.items()}


@pytest.fixture(scope="module")
def layouts(sides, texts):
    return {name: layout(sides[name], texts[name], SAMPLING) for name in sides}


def value(layouts, side, measure):
    return layouts[side].draws[measure][0]


def test_a_wording_is_the_cue_or_else_the_template(texts):
    found = texts["base"].table.set_index("text")["wording"]
    edema = WORDS["Edema"].phrase
    assert found[f"no {edema}"] == found[f"there is no {edema}"] == "denied: no"
    assert found[edema] == "affirmed: bare"


def test_a_side_that_hears_is_pure_by_polarity_and_a_deaf_one_is_not(layouts):
    assert value(layouts, "no-price", "polarity purity") == pytest.approx(1)
    assert value(layouts, "base", "polarity purity") < 0.75
    chance = layouts["base"].chances["cross-finding purity"]
    assert value(layouts, "base", "cross-finding purity") < chance + 0.15
    for side in layouts:
        assert value(layouts, side, "finding purity") == pytest.approx(1)


def test_a_denial_lies_at_a_right_angle_where_it_is_heard(layouts):
    assert value(layouts, "no-price", "angle") == pytest.approx(90, abs=4)
    wording = value(layouts, "base", "wording angle")
    assert value(layouts, "base", "angle") == pytest.approx(wording, abs=2)


def test_one_direction_serves_all_findings_where_denial_is_heard(layouts, texts):
    assert value(layouts, "no-price", "transfer to other wordings") == 1
    assert value(layouts, "base", "transfer to other wordings") < 0.75
    grid = transfer_table(texts["no-price"])
    assert (grid["auroc"] == 1).all()
    assert len(grid) == 16


def test_denial_that_is_heard_takes_about_one_direction(layouts):
    assert value(layouts, "no-price", "effective rank over findings") < 1.1
    assert value(layouts, "no-price", "participation ratio") < 1.1
    for one in layouts.values():
        assert np.nanmin(one.draws["participation ratio"]) >= 1


def test_no_resample_has_fewer_directions_than_one():
    table = pd.DataFrame({"finding": list("aabbccdd"), "polarity": list(POLES) * 4})
    axes = np.eye(3)[[0, 0, 1, 2]]  # a resample may hold the first two alone
    rows = np.repeat(axes, 2, axis=0) * np.tile([1, -1], 4)[:, None]
    found = ranks(Texts(table, rows), SAMPLING)
    assert found["participation ratio"][0] == pytest.approx(8 / 3)
    assert found["participation ratio"].min() == 1


def test_cross_finding_purity_leaves_the_own_finding_out():
    # By finding first, and by polarity only within it.
    signs = np.where(np.array([p.polarity for p in PROMPTS]) == "denied", -1, 1)
    side = make_side("base", hears=0)
    places = {
        p.text: (FINDINGS.index(p.finding), s) for p, s in zip(PROMPTS, signs, strict=True)
    }
    side.tower.place = lambda prompt: (
        np.eye(DIM)[places[prompt.text][0]]
        + (places[prompt.text][1] * np.eye(DIM)[5 + places[prompt.text][0]])
    )
    found = layout(side, placed(side, PROMPTS, ASKED), SAMPLING)
    assert found.draws["polarity purity"][0] == pytest.approx(1)
    chance = found.chances["cross-finding purity"]
    assert found.draws["cross-finding purity"][0] == pytest.approx(chance)


def test_the_gap_is_the_distance_of_the_means_and_its_interval_holds_it(layouts, sides):
    draws = layouts["base"].draws["modality gap"]
    poles = placed(sides["base"], PROMPTS, POLES).rows
    apart = poles.mean(axis=0) - sides["base"].rows.mean(axis=0)
    assert draws[0] == pytest.approx(np.linalg.norm(apart))
    low, high = np.quantile(draws[1:], [0.025, 0.975])
    assert low < draws[0] < high
    other = sides["base"]._replace(rows=np.eye(3)[:2], patients=np.array(["a", "b"]))
    apart = layout(other, placed(other, PROMPTS, ASKED), SAMPLING)
    assert np.isnan(apart.draws["modality gap"]).all()


def test_dealt_polarities_part_the_wordings_less_only_where_denial_is_heard(texts):
    found = dealt_table(texts, SAMPLING).set_index(["side", "measure"])
    assert (found.loc["no-price", "p"] < 0.05).all()
    assert (found.loc["base", "p"] > 0.05).all()


def test_equivalents_lie_with_denials_where_absence_is_heard(texts):
    fallen = position_table(texts, SAMPLING).set_index(["side", "polarity"])["value"]
    assert fallen["no-price", "affirmed"] == pytest.approx(1, abs=0.01)
    assert fallen["no-price", "denied"] == pytest.approx(-1, abs=0.01)
    assert fallen["no-price", "equivalent"] == pytest.approx(-1, abs=0.05)
    assert fallen["no-price", "double-negation"] == pytest.approx(1, abs=0.05)


def test_changes_are_paired_and_the_base_has_none(layouts):
    table = change_table(layouts, CHANGED)
    assert list(dict.fromkeys(table["measure"])) == list(CHANGED)
    base, tuned = (
        table[table["side"] == s].set_index("measure") for s in ("base", "no-price")
    )
    assert base["change"].isna().all() and base["p"].isna().all()
    assert tuned.loc["angle", "change"] == pytest.approx(
        tuned.loc["angle", "value"] - base.loc["angle", "value"]
    )
    assert tuned.loc["polarity purity", "change_low"] > 0.2
    assert (tuned["p_holm"] >= tuned["p"]).all()


def test_a_side_changes_nothing_of_itself():
    draws = {"angle": np.array([1.0, 2.0, 3.0])}
    table = side_changes({"base": draws, "con1": draws})
    tuned = table[table["side"] == "con1"].iloc[0]
    assert (tuned[["change", "change_low", "change_high"]] == 0).all()
    assert tuned["p"] == 1


def test_numbers_are_named_by_measure_and_side(layouts):
    found = side_numbers(change_table(layouts), 76)
    assert found["polarity_purity_base"].chance == pytest.approx(
        layouts["base"].chances["polarity purity"]
    )
    assert found["polarity_purity_change_no_price"].low > 0
    assert "angle_change_base" not in found
    assert all(known.value is not None or known.note for known in found.values())


def test_with_one_wording_of_each_polarity_what_cannot_be_asked_says_so():
    side = make_side("base", hears=1, prompts=PLAIN)
    found = layout(side, placed(side, PLAIN, ASKED), SAMPLING)
    numbers = side_numbers(change_table({"base": found}), 8)
    assert "not evaluable" in numbers["polarity_purity_base"].note
    assert numbers["transfer_base"].value == 1
    grid = transfer_table(placed(side, PLAIN, ASKED))
    assert (grid["auroc"] == 1).all()


def test_prompts_without_any_of_the_polarities_are_refused(sides):
    with pytest.raises(InputError, match="no prompt is affirmed or denied"):
        placed(sides["base"], [], ("affirmed", "denied"))


@pytest.fixture(scope="module")
def maps(texts):
    charted = {name: charted_texts(one) for name, one in texts.items()}
    return mapped_by_name(charted, SAMPLING, starts=2, perplexities=["5", "40"])


def test_each_side_has_a_map_for_each_start_and_fitting_perplexity(maps, texts):
    assert maps.numbers["perplexity"].tolist() == [5.0] * 4
    assert maps.numbers["side"].tolist() == ["base", "base", "no-price", "no-price"]
    assert len(maps.points) == 4 * len(texts["base"].rows)


def test_purity_on_a_map_stands_beside_that_of_the_space(maps, layouts):
    for side in layouts:
        block = maps.numbers[maps.numbers["side"] == side]
        own = value(layouts, side, "polarity purity")
        assert block["purity in the space"].to_numpy() == pytest.approx(own)
        assert block["purity on the map"].to_numpy() == pytest.approx(own, abs=0.12)


def test_the_spread_is_the_range_over_maps(maps):
    found = spread(maps.numbers).set_index(["side", "number"])
    block = maps.numbers[maps.numbers["side"] == "base"]["trustworthiness"]
    assert tuple(found.loc[("base", "trustworthiness"), ["low", "value", "high"]]) == (
        pytest.approx((block.min(), block.mean(), block.max()))
    )
    known = map_scalars(maps.numbers, ["base", "no-price"])
    assert known["trustworthiness_low_no_price"].note == "lowest over 2 maps"


def test_no_perplexity_that_fits_makes_no_map(texts):
    charted = {"base": charted_texts(texts["base"])}
    none = mapped_by_name(charted, SAMPLING, starts=1, perplexities=["40"])
    assert none.points.empty and none.numbers.empty
    assert spread(none.numbers).empty
    assert shown(none.points, "base").empty
    known = map_scalars(none.numbers, ["base"])
    assert known["trustworthiness_low_base"].note.startswith("no map: too few texts")


def test_a_perplexity_that_is_no_number_is_refused():
    with pytest.raises(InputError, match="perplexities has 'many', allowed are numbers"):
        mapped_by_name({}, SAMPLING, starts=1, perplexities=["many"])


@pytest.mark.parametrize(
    ("chosen", "names"),
    [("", ["base", "con2"]), ("all", ["base", "con1", "con2"]), ("con1", ["con1"])],
)
def test_which_sides_are_mapped(chosen, names):
    assert mapped_sides(["base", "con1", "con2"], chosen) == names


def test_the_base_alone_is_mapped_once_and_an_unknown_side_is_refused():
    assert mapped_sides(["base"], "") == ["base"]
    with pytest.raises(InputError, match="mapped names 'con3', allowed are all, base"):
        mapped_sides(["base"], "con3")


def test_images_are_pure_by_finding_among_other_patients(sides):
    found = image_purities(sides["base"], SAMPLING).set_index("finding")
    assert found.loc["Edema", "value"] > found.loc["Edema", "chance"] + 0.2
    assert evenest(sides["base"]) == "Edema"
    charted = charted_images(sides["base"], "Edema")
    assert set(charted.labels) == {"with it", "without it"}
    assert len(set(charted.apart)) == 20


def test_an_image_that_is_not_judged_is_mapped_and_not_asked(sides):
    blank = sides["base"].relevance.copy()
    blank[0, 0] = np.nan
    charted = charted_images(sides["base"]._replace(relevance=blank), "Edema")
    assert charted.labels[0] == ""
    assert charted.table["image"].iloc[0] == "not judged"


def test_a_finding_that_is_not_judged_is_refused(sides):
    with pytest.raises(InputError, match="image_finding is 'Gout', allowed are Edema"):
        charted_images(sides["base"], "Gout")


def test_one_finding_has_values_and_no_intervals():
    some = [p for p in PROMPTS if p.finding == "Edema"]
    side = make_side("base", hears=1, prompts=some)
    found = side_numbers(
        change_table({"base": layout(side, placed(side, some, ASKED), SAMPLING)}), 19
    )
    assert found["angle_base"].note.startswith("no interval")
    assert found["transfer_base"].value is None
    assert "not evaluable" in found["finding_silhouette_base"].note
