"""Relevance and contradiction, on five images that can be checked by hand.

image:    0        1        2        3           4
A         present  present  absent   absent      present
B         present  absent   present  absent      not judged
side of A left     right    left     -           both
"""

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.text.relevance import prompt_contradiction, prompt_relevance
from negcxr.text.templates import Prompt

N = float("nan")
FINDINGS = ("A", "B")
LABELS = np.array([[1, 1], [1, 0], [0, 1], [0, 0], [1, N]])
SIDES = np.array([["left", ""], ["right", ""], ["left", ""], ["", ""], ["both", ""]])


def prompt(polarity, finding="A", **more):
    return Prompt(id=polarity, finding=finding, polarity=polarity, text="x", **more)


CASES = [
    pytest.param(prompt("affirmed"), [1, 1, 0, 0, 1], [0, 0, 1, 1, 0], id="A"),
    pytest.param(prompt("affirmed", "B"), [1, 0, 1, 0, N], [0, 1, 0, 1, N], id="B"),
    pytest.param(prompt("denied"), [0, 0, 1, 1, 0], [1, 1, 0, 0, 1], id="no A"),
    pytest.param(prompt("denied", "B"), [0, 1, 0, 1, N], [1, 0, 1, 0, N], id="no B"),
    pytest.param(prompt("equivalent"), [0, 0, 1, 1, 0], [1, 1, 0, 0, 1], id="normal for A"),
    pytest.param(
        prompt("double-negation"), [1, 1, 0, 0, 1], [0, 0, 1, 1, 0], id="not without A"
    ),
    pytest.param(
        prompt("composite", "A", other="B"),
        [0, 1, N, N, N],
        [1, 0, 1, 0, N],
        id="A without B",
    ),
    pytest.param(
        prompt("composite", "B", other="A"),
        [0, N, 1, N, N],
        [1, 1, 0, 0, N],
        id="B without A",
    ),
    pytest.param(
        prompt("scope", "B", other="A"), [N, N, 0, 1, N], [N, N, 1, 0, N], id="no A or B"
    ),
    pytest.param(
        prompt("side", "A", side="left"), [0, 1, N, N, N], [1, 0, N, N, N], id="no left A"
    ),
    pytest.param(
        prompt("side", "A", side="right"), [1, 0, N, N, N], [0, 1, N, N, N], id="no right A"
    ),
    pytest.param(prompt("hedged"), [N] * 5, [N] * 5, id="possible A"),
]


@pytest.mark.parametrize(("prompt", "relevant", "contradicts"), CASES)
def test_relevance_of_each_polarity(prompt, relevant, contradicts):
    np.testing.assert_array_equal(
        prompt_relevance([prompt], FINDINGS, LABELS, SIDES)[0], relevant
    )


@pytest.mark.parametrize(("prompt", "relevant", "contradicts"), CASES)
def test_contradiction_of_each_polarity(prompt, relevant, contradicts):
    np.testing.assert_array_equal(
        prompt_contradiction([prompt], FINDINGS, LABELS, SIDES)[0], contradicts
    )


def test_prompts_keep_their_order():
    prompts = [prompt("denied", "B"), prompt("affirmed", "A")]
    np.testing.assert_array_equal(
        prompt_relevance(prompts, FINDINGS, LABELS), [[0, 1, 0, 1, N], [1, 1, 0, 0, 1]]
    )


@pytest.mark.parametrize("finding", FINDINGS)
def test_swapping_present_and_absent_exchanges_affirmed_and_denied(finding):
    pair = [prompt("affirmed", finding), prompt("denied", finding)]
    np.testing.assert_array_equal(
        prompt_relevance(pair, FINDINGS, 1 - LABELS),
        prompt_relevance(pair[::-1], FINDINGS, LABELS),
    )


def test_swapping_sides_exchanges_left_and_right():
    swapped = np.where(SIDES == "left", "right", np.where(SIDES == "right", "left", SIDES))
    pair = [prompt("side", "A", side="left"), prompt("side", "A", side="right")]
    np.testing.assert_array_equal(
        prompt_relevance(pair, FINDINGS, LABELS, swapped),
        prompt_relevance(pair[::-1], FINDINGS, LABELS, SIDES),
    )


def test_reordered_images_are_reordered_rows_of_the_answer():
    prompts, order = [case.values[0] for case in CASES], [3, 0, 4, 1, 2]
    np.testing.assert_array_equal(
        prompt_relevance(prompts, FINDINGS, LABELS[order], SIDES[order]),
        prompt_relevance(prompts, FINDINGS, LABELS, SIDES)[:, order],
    )


def test_a_side_prompt_has_no_gallery_where_sides_are_not_known():
    assert np.isnan(prompt_relevance([prompt("side", side="left")], FINDINGS, LABELS)).all()


def test_an_image_that_is_relevant_never_contradicts():
    prompts = [case.values[0] for case in CASES]
    relevant = prompt_relevance(prompts, FINDINGS, LABELS, SIDES) == 1
    contradicts = prompt_contradiction(prompts, FINDINGS, LABELS, SIDES) == 1
    assert not (relevant & contradicts).any()


def test_labels_are_not_written_into():
    labels = LABELS.copy()
    rows = prompt_relevance([prompt("affirmed")], FINDINGS, labels)
    rows[:] = 7
    np.testing.assert_array_equal(labels, LABELS)


def test_no_prompts_give_no_rows():
    assert prompt_relevance([], FINDINGS, LABELS).shape == (0, 5)


def test_a_prompt_for_a_finding_without_labels_is_refused():
    with pytest.raises(InputError, match="no labels for 'C'; there are: A, B"):
        prompt_relevance([prompt("affirmed", "C")], FINDINGS, LABELS)
