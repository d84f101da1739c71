"""Statements: what makes each true, what each is opposed to, and which are held out."""

from collections import defaultdict

import numpy as np
import pytest
from tests.finetune.worlds import FINDINGS, NAN, a_pool, slow_truth

from negcxr.data.nih import FINDINGS as NIH
from negcxr.data.truth import FINDINGS as PHANTOM
from negcxr.errors import InputError
from negcxr.finetune.statements import (
    OPPOSED,
    Judged,
    held_out,
    oppositions,
    plain_statements,
    training_statements,
    truth,
)
from negcxr.text.prompts import Prompt, load_prompt_set
from negcxr.text.vocabulary import known_findings, load_words

A, B, OTHER = FINDINGS


def statement(polarity, finding=A, other="", side=""):
    return Prompt(
        id=polarity, finding=finding, polarity=polarity, text="x", other=other, side=side
    )


def of(relevance, sides=None):
    """What is judged of a few images, each given by what it has of A and of B."""
    values = np.array(relevance, dtype=float)
    rows = np.column_stack([values, np.full(len(values), NAN)])
    if sides is not None:
        blank = np.full((len(sides), 2), "")
        sides = np.column_stack([np.array(sides, dtype="U5"), blank])
    return Judged(FINDINGS, rows, sides)


@pytest.mark.parametrize(
    ("polarity", "expected"),
    [
        ("affirmed", [1, 0, NAN]),
        ("double-negation", [1, 0, NAN]),
        ("denied", [0, 1, NAN]),
        ("equivalent", [0, 1, NAN]),
    ],
)
def test_truth_of_one_finding_that_is_present_absent_and_unknown(polarity, expected):
    judged = of([[1, NAN], [0, NAN], [NAN, NAN]])
    (found,) = truth([statement(polarity)], judged).T
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("has", "composite", "scope"),
    [
        ((1, 1), 0, 0),
        ((1, 0), 1, 0),
        ((1, NAN), NAN, 0),
        ((0, 1), 0, 0),
        ((0, 0), 0, 1),
        ((0, NAN), 0, NAN),
        ((NAN, 1), 0, 0),
        ((NAN, 0), NAN, NAN),
        ((NAN, NAN), NAN, NAN),
    ],
)
def test_truth_of_two_findings_is_false_as_soon_as_one_fails(has, composite, scope):
    asked = [statement("composite", A, B), statement("scope", A, B)]
    np.testing.assert_array_equal(truth(asked, of([has])), [[composite, scope]])


@pytest.mark.parametrize(
    ("has", "side", "no_left", "no_right"),
    [
        pytest.param(0, "", 1, 1, id="absent"),
        pytest.param(1, "left", 0, 1, id="on the left"),
        pytest.param(1, "right", 1, 0, id="on the right"),
        pytest.param(1, "both", 0, 0, id="on both sides"),
        pytest.param(1, "", NAN, NAN, id="on a side that is not known"),
        pytest.param(NAN, "", NAN, NAN, id="not judged"),
    ],
)
def test_truth_of_a_denied_side(has, side, no_left, no_right):
    asked = [statement("side", side=name) for name in ("left", "right")]
    judged = of([[has, NAN]], sides=[side])
    np.testing.assert_array_equal(truth(asked, judged), [[no_left, no_right]])


def test_without_sides_a_denied_side_is_true_of_what_is_absent_and_else_unknown():
    (found,) = truth([statement("side", side="left")], of([[1, 0], [0, 0], [NAN, 0]])).T
    np.testing.assert_array_equal(found, [NAN, 1, NAN])


@pytest.mark.parametrize("sides", [True, False])
def test_truth_is_that_of_a_loop_over_cases(sides):
    pool = a_pool(40, blank=0.3, sides=sides)
    found = truth(pool.statements, pool.judged)
    expected = [
        [slow_truth(asked, pool.judged, image) for asked in pool.statements]
        for image in range(40)
    ]
    np.testing.assert_array_equal(found, expected)
    assert {asked.polarity for asked in pool.statements} == OPPOSED.keys()


def test_present_and_absent_swapped_turn_affirmed_truth_into_denied_truth():
    judged = a_pool(40, blank=0.3).judged
    turned = judged._replace(relevance=1 - judged.relevance)
    pairs = {"affirmed": "denied", "double-negation": "equivalent"}
    for one, other in pairs.items():
        for finding in FINDINGS:
            np.testing.assert_array_equal(
                truth([statement(one, finding)], judged),
                truth([statement(other, finding)], turned),
            )
    np.testing.assert_array_equal(
        truth([statement("composite", A, B)], judged),
        truth([statement("composite", B, A)], turned),
    )


def test_more_findings_and_another_order_of_them_change_no_truth():
    judged = a_pool(40, blank=0.3).judged
    order = [2, 0, 1]
    turned = Judged(
        tuple(FINDINGS[i] for i in order),
        judged.relevance[:, order],
        judged.sides[:, order],
    )
    asked = training_statements(FINDINGS)
    np.testing.assert_array_equal(truth(asked, judged), truth(asked, turned))


def test_taking_images_takes_their_truth():
    pool, rows = a_pool(40, blank=0.3), [7, 3, 3]
    np.testing.assert_array_equal(
        truth(pool.statements, pool.judged.take(rows)),
        truth(pool.statements, pool.judged)[rows],
    )


def test_no_statement_and_no_image_have_an_empty_truth():
    judged = a_pool(40).judged
    assert truth([], judged).shape == (40, 0)
    assert truth([statement("denied")], judged.take([])).shape == (0, 1)


def test_a_hedge_has_no_truth():
    with pytest.raises(InputError, match="'x' is hedged and has no truth"):
        truth([statement("hedged")], of([[1, 0]]))


@pytest.mark.parametrize("asked", [("Mass", ""), (A, "Mass")])
def test_a_finding_without_labels_is_refused_by_name(asked):
    with pytest.raises(InputError, match="composite: no labels for 'Mass'; there are: Ed"):
        truth([statement("composite", *asked)], of([[1, 0]]))


@pytest.mark.parametrize(
    ("said", "opposed"),
    [
        (("affirmed", A), [("denied", A)]),
        (("denied", A), [("affirmed", A)]),
        (("equivalent", A), [("affirmed", A)]),
        (("double-negation", A), [("denied", A)]),
        (("scope", A, B), [("affirmed", A)]),
        (("composite", A, B), [("composite", B, A)]),
        (("side", A, "", "left"), [("side", A, "", "right")]),
    ],
    ids=lambda part: part[0] if isinstance(part, tuple) else "",
)
def test_the_opposition_of_each_polarity(said, opposed):
    pool = [
        *(statement(polarity, f) for polarity in ("affirmed", "denied") for f in FINDINGS),
        *(statement(polarity, A) for polarity in ("equivalent", "double-negation")),
        *(
            statement(polarity, *pair)
            for polarity in ("composite", "scope")
            for pair in ((A, B), (B, A), (A, OTHER), (OTHER, B))
        ),
        *(statement("side", f, side=s) for f in (A, B) for s in ("left", "right")),
    ]
    found = [pool[place] for place in oppositions(statement(*said), pool)]
    assert found == [statement(*parts) for parts in opposed]


def test_every_statement_of_training_has_an_opposition():
    for findings in (PHANTOM, NIH):
        asked = training_statements(findings)
        lone = {said.finding for said in asked if not oppositions(said, asked)}
        assert lone == set()


def test_no_image_fits_a_statement_and_its_opposition():
    pool = a_pool(120, blank=0.3)
    true = truth(pool.statements, pool.judged)
    for place, statement in enumerate(pool.statements):
        if statement.polarity != "side":
            fits = true[true[:, place] == 1]
            assert (fits[:, pool.opposed(statement)] == 0).all()


@pytest.mark.parametrize("findings", [PHANTOM, NIH, known_findings()])
def test_no_text_of_training_claims_two_things(findings):
    claims = defaultdict(set)
    for said in training_statements(findings):
        claims[said.text].add((said.polarity, said.finding, said.other, said.side))
    assert [text for text, claimed in claims.items() if len(claimed) > 1] == []


def test_a_text_of_two_findings_is_left_out_and_kept_where_only_one_is_asked_for():
    alone = {said.text for said in training_statements(["Pneumonia"])}
    both = {said.text for said in training_statements(["Pneumonia", "Infiltration"])}
    assert "clear lungs" in alone
    assert "clear lungs" not in both
    assert {"pneumonia", "no pulmonary infiltrate"} <= both


def test_plain_findings_are_also_told_by_their_synonyms_and_nothing_else_is():
    asked, plain = training_statements(FINDINGS), plain_statements(FINDINGS)
    words = load_words(FINDINGS)
    for said in asked:
        entry = words[said.finding]
        names = [name for name in (entry.phrase, *entry.also) if name in said.text]
        assert said.polarity == "equivalent" or names, said.text
    more = [said for said in asked if said not in plain]
    assert {said.polarity for said in more} == {"affirmed", "denied"}
    per_name = len([s for s in plain if s.polarity in ("affirmed", "denied")])
    assert len(more) == 2 * per_name  # each finding here has two other names
    assert len({said.id for said in asked}) == len(asked)


def test_cues_and_wordings_that_training_lacks_are_held_out():
    prompts = load_prompt_set("chest", PHANTOM)
    out = dict(zip((p.id for p in prompts), held_out(prompts), strict=True))
    assert out["edema/denied/negative-for"]
    assert out["edema/denied/ruled-out"]
    assert out["edema/affirmed/film-with"]
    assert out["edema/composite/no-but/cardiomegaly"]
    assert not out["edema/denied/no"]
    assert not out["edema/denied/film-without"]  # another wording, but a cue that it sees
    assert not out["edema/affirmed/bare"]
    assert not out["edema/composite/without/cardiomegaly"]


def test_what_training_reads_is_not_held_out():
    assert not any(held_out(training_statements(PHANTOM)))
