"""Multiple choice items: true by the labels, and guessed by nothing but the image."""

from collections import Counter

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.text.choices import binary_items, four_way_items
from negcxr.text.statements import FOUR_WAY, TYPES, can_bear, statements
from negcxr.text.vocabulary import load_words

N = float("nan")
FINDINGS = ("Edema", "Pneumonia", "Hernia", "Mass", "Fibrosis")
WORDS = load_words(FINDINGS)


def random_labels(n=400, seed=0, unjudged=0.2):
    rng = np.random.default_rng(seed)
    labels = (rng.random((n, len(FINDINGS))) < 0.4).astype(float)
    labels[rng.random(labels.shape) < unjudged] = N
    return labels


def items(labels, n=600, seed=0):
    return four_way_items(labels, FINDINGS, WORDS, n=n, seed=seed)


def pairs(labels, n=600, seed=0):
    return binary_items(labels, FINDINGS, WORDS, n=n, seed=seed)


def is_true(option, judged):
    """The plain reading of an option by the labels of its image; None if not judged."""
    values = [judged[FINDINGS.index(name)] for name in option.findings]
    if any(np.isnan(value) for value in values):
        return None
    wanted = {"affirmed": [1, 1], "denied": [0], "hybrid": [1, 0]}[option.type]
    return values == wanted[: len(values)]


def test_options_are_worded_by_type():
    texts = {
        o.type: (o.findings, o.text)
        for item in items(random_labels())
        for o in item.options
    }
    a, b = (WORDS[name].phrase for name in texts["affirmed"][0])
    assert texts["affirmed"][1] == f"{a} and {b} are present"
    a, b = (WORDS[name].phrase for name in texts["hybrid"][0])
    assert texts["hybrid"][1] == f"{a} but no {b}"
    (a,) = (WORDS[name].phrase for name in texts["denied"][0])
    assert texts["denied"][1] == f"no {a}"


def test_the_answer_is_true_and_the_rest_are_judged_false():
    labels = random_labels()
    for item in items(labels):
        truths = [is_true(option, labels[item.row]) for option in item.options]
        assert truths == [place == item.answer for place in range(4)]


def test_no_option_is_offered_twice():
    for item in items(random_labels()):
        assert len({option.text for option in item.options}) == 4


def test_an_unjudged_finding_is_never_named():
    labels = random_labels(unjudged=0)
    labels[:, 2] = N
    named = {name for item in items(labels) for o in item.options for name in o.findings}
    assert named == {"Edema", "Pneumonia", "Mass", "Fibrosis"}


def test_each_type_is_the_answer_equally_often():
    assert Counter(item.type for item in items(random_labels())) == dict.fromkeys(
        TYPES, 200
    )


def test_the_answer_stands_at_each_place_about_equally_often():
    counts = Counter(
        item.answer for seed in range(4) for item in items(random_labels(), seed=seed)
    )
    assert sum(counts.values()) == 2400
    assert all(540 < counts[place] < 660 for place in range(4))  # 600, give or take 3 sd


def test_the_place_of_an_option_tells_nothing_of_its_type():
    firsts = Counter(item.options[0].type for item in items(random_labels()))
    assert all(160 < firsts[type_] < 240 for type_ in TYPES)  # 200, give or take 3 sd


def test_the_types_of_the_options_tell_nothing_of_the_answer():
    """Whoever takes an option of the doubled type, or of a single one, is right 1 in 4."""
    made = items(random_labels())
    doubled = [Counter(o.type for o in item.options).most_common(1)[0][0] for item in made]
    hits = sum(item.type == type_ for item, type_ in zip(made, doubled, strict=True))
    assert hits == len(made) / 2  # two of its four options are of that type


def test_the_form_tells_nothing_even_where_few_images_bear_an_item():
    labels = random_labels(n=60)
    labels[np.nansum(labels, axis=1) > 2] = 0  # hardly a true affirmed option left
    made = items(labels)
    for type_ in TYPES:
        group = [i for i in made if sum(o.type == type_ for o in i.options) == 2]
        assert sum(item.type == type_ for item in group) == len(group) / 2
    assert 0 < len(made) < 600


def test_an_image_is_asked_once_by_each_design():
    rows = Counter(item.row for item in items(random_labels(n=40)))
    assert max(rows.values()) <= 12


def test_the_same_seed_makes_the_same_items():
    assert items(random_labels(), seed=3) == items(random_labels(), seed=3)
    assert items(random_labels(), seed=3) != items(random_labels(), seed=4)


@pytest.mark.parametrize(("n", "made"), [(1, 12), (12, 12), (35, 24), (36, 36)])
def test_items_come_in_dozens(n, made):
    assert len(items(random_labels(), n=n)) == made


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(np.eye(5), id="one finding each"),
        pytest.param(np.zeros((9, 5)), id="nothing present"),
        pytest.param(np.ones((9, 5)), id="nothing absent"),
        pytest.param(np.full((9, 5), N), id="nothing judged"),
    ],
)
def test_no_item_is_made_where_labels_cannot_bear_one(labels):
    assert items(labels) == []


def test_a_number_below_one_is_refused():
    with pytest.raises(InputError, match="n is 0; allowed: the number of items, from 1"):
        items(random_labels(), n=0)


def test_statements_of_one_image_by_hand():
    made = statements(np.array([1.0, 0.0, N, 1.0, N]))
    assert made["affirmed", True] == [(0, 3)]
    assert made["affirmed", False] == [(0, 1), (1, 3)]
    assert made["denied", True] == [(1,)]
    assert made["denied", False] == [(0,), (3,)]
    assert made["hybrid", True] == [(0, 1), (3, 1)]
    assert made["hybrid", False] == [(0, 3), (1, 0), (1, 3), (3, 0)]


@pytest.mark.parametrize("design", [d for designs in FOUR_WAY.values() for d in designs])
def test_counting_statements_agrees_with_making_them(design):
    labels = random_labels(n=150)
    slow = []
    for judged in labels:
        pools = {key: len(pool) for key, pool in statements(judged).items()}
        for place, type_ in enumerate(design.types):
            pools[type_, place == design.true] -= 1
        slow.append(min(pools.values()) >= 0)
    assert can_bear(labels, design).tolist() == slow


def test_a_binary_item_sets_a_finding_against_its_denial():
    for item in pairs(random_labels()):
        assert {option.type for option in item.options} == {"affirmed", "denied"}
        assert len({option.findings for option in item.options}) == 1


def test_a_binary_answer_is_what_the_labels_say():
    labels = random_labels()
    for item in pairs(labels):
        value = labels[item.row, FINDINGS.index(item.options[0].findings[0])]
        assert value == (1 if item.type == "affirmed" else 0)


def test_each_finding_is_asked_about_as_often_present_as_absent():
    counts = Counter((i.options[0].findings[0], i.type) for i in pairs(random_labels()))
    assert counts == {(name, type_): 60 for name in FINDINGS for type_ in TYPES[:2]}


def test_a_rare_finding_is_asked_about_as_often_as_it_can_be_balanced():
    labels = np.zeros((50, 5))
    labels[:3, 0] = 1
    assert Counter(item.type for item in pairs(labels)) == {"affirmed": 3, "denied": 3}


def test_binary_answers_stand_at_each_place_about_equally_often():
    counts = Counter(
        i.answer for seed in range(4) for i in pairs(random_labels(), seed=seed)
    )
    assert sum(counts.values()) == 2400
    assert 1125 < counts[0] < 1275  # 1200, give or take 3 sd


def test_affirming_throughout_and_taking_the_first_throughout_are_two_things():
    firsts = Counter((item.options[0].type, item.answer) for item in pairs(random_labels()))
    assert all(100 < count < 200 for count in firsts.values())  # 150 each, 4 of them
    assert len(firsts) == 4


def test_an_image_is_asked_about_a_finding_once():
    asked = Counter((i.row, i.options[0].findings) for i in pairs(random_labels()))
    assert max(asked.values()) == 1
