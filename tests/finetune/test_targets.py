"""Where mirror wants a statement, worked out with a base whose rows are known."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tests.finetune.worlds import FINDINGS

from negcxr.finetune.statements import training_statements
from negcxr.finetune.targets import Targets
from negcxr.text.prompts import Prompt

pytestmark = pytest.mark.model

A, B, OTHER = FINDINGS
EAST, NORTH, UP = np.eye(3)
HALF = np.sqrt(0.5)
AXES = {A: EAST, B: NORTH, OTHER: UP}


def said(text, polarity="affirmed", finding=A, **more):
    return Prompt(id=text, finding=finding, polarity=polarity, text=text, **more)


ASKED = [
    said("a in the east"),
    said("b in the north", finding=B),
    said("other above", finding=OTHER),
]
BASE = {"a in the east": EAST, "b in the north": NORTH, "other above": UP}


def base(rows):
    """An encoder that knows these texts alone."""

    def encode(texts):
        return np.array([rows[text] for text in texts], dtype=np.float32)

    return SimpleNamespace(encode_texts=encode, device="cpu")


@pytest.mark.parametrize(
    ("polarity", "more", "expected"),
    [
        ("denied", {}, -EAST),
        ("equivalent", {}, -EAST),
        ("double-negation", {}, EAST),
        ("composite", {"other": B}, HALF * (EAST - NORTH)),
        ("scope", {"other": B}, HALF * (-EAST - NORTH)),
        ("composite", {"finding": B, "other": OTHER}, HALF * (NORTH - UP)),
    ],
)
def test_the_target_of_each_polarity(polarity, more, expected):
    targets = Targets(base(BASE), ASKED)
    found = targets.of([said("any words", polarity, **more)])
    np.testing.assert_allclose(found, [expected], atol=1e-6)


def test_an_affirmed_statement_is_held_at_its_own_row():
    oblique = {"one": np.array([0.6, 0.8, 0.0]), "two": np.array([0.8, 0.6, 0.0])}
    targets = Targets(base(oblique), [said("one"), said("two")])
    found = targets.of([said("two"), said("one")])
    np.testing.assert_allclose(found, [oblique["two"], oblique["one"]], atol=1e-6)


def test_a_denial_is_the_mirror_image_of_the_mean_of_its_findings_affirmed_rows():
    oblique = {"one": np.array([0.6, 0.8, 0.0]), "two": np.array([0.8, 0.6, 0.0])}
    targets = Targets(base(oblique), [said("one"), said("two")])
    found = targets.of([said("one", "denied")])  # whose own words do not count
    np.testing.assert_allclose(found, [[-HALF, -HALF, 0]], atol=1e-6)


def test_a_target_ranks_images_as_the_parsing_rule_does():
    targets = Targets(base(BASE), ASKED)
    images = np.random.default_rng(0).normal(size=(20, 3))
    (row,) = targets.of([said("a without b", "composite", other=B)]).numpy()
    rule = images @ EAST - images @ NORTH
    assert np.argsort(images @ row).tolist() == np.argsort(rule).tolist()


def test_every_statement_of_training_has_a_target_of_unit_length():
    statements = training_statements(FINDINGS)
    rows = {one.text: AXES[one.finding] for one in statements if one.polarity == "affirmed"}
    found = Targets(base(rows), statements).of(statements)
    assert found.dtype == torch.float32
    assert found.shape == (len(statements), 3)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_the_base_is_read_once_and_only_its_affirmed_texts():
    statements, read = training_statements(FINDINGS), []
    own = {s.text: AXES[s.finding] for s in statements if s.polarity == "affirmed"}

    def encode(texts):
        read.append(list(texts))
        return np.array([own[text] for text in texts], dtype=np.float32)

    targets = Targets(SimpleNamespace(encode_texts=encode, device="cpu"), statements)
    targets.of(statements)
    assert read == [[*own]]
