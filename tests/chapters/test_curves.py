"""Scales, and what is chosen of them: by hand, and as the rule says."""

import numpy as np
import pandas as pd
import pytest

from negcxr.chapters import ask
from negcxr.chapters.curves import along, asked_along, best_point, open_validation
from negcxr.chapters.queries import Queries
from negcxr.errors import InputError

BY = ("polarity", "finding", "other")


def queries(**values):
    """Queries of one image, each of which has this AUROC on all draws."""
    table = pd.DataFrame({"polarity": list(values)})
    rows = np.full((len(values), 1), np.nan)
    draws = np.repeat(np.array(list(values.values()), dtype=float)[:, None], 3, axis=1)
    return Queries(table, rows, rows, rows, draws)


def test_a_curve_has_a_row_a_point_and_polarity_and_knows_what_was_chosen():
    points = {0: queries(affirmed=0.9, denied=0.1), 0.5: queries(affirmed=0.8, denied=0.6)}
    table = along(points, "share", 0.5)
    assert table["share"].tolist() == [0, 0, 0.5, 0.5]
    assert table["polarity"].tolist() == ["affirmed", "denied"] * 2
    np.testing.assert_allclose(table["value"], [0.9, 0.1, 0.8, 0.6])
    assert table["chosen"].tolist() == [False, False, True, True]
    assert not along(points, "share")["chosen"].any()


def test_the_best_point_has_the_highest_mean_over_polarities():
    points = {
        0: queries(affirmed=1.0, denied=0.2, composite=0.2),
        1: queries(affirmed=0.9, denied=0.9, composite=0.4),
        2: queries(affirmed=0.6, denied=0.9, composite=0.6),
    }
    assert best_point(points) == 1


def test_polarities_weigh_alike_however_many_queries_they_have():
    one, other = (queries(affirmed=v, denied=1 - v / 2) for v in (0.9, 0.4))
    many = [
        Queries(
            pd.concat([q.table] + [q.table[:1]] * 5, ignore_index=True),
            *[np.full((7, 1), np.nan)] * 3,
            np.concatenate([q.draws] + [q.draws[:1]] * 5),
        )
        for q in (one, other)
    ]
    assert best_point({1: one, 2: other}) == best_point(dict(enumerate(many, 1))) == 1


def test_of_equal_points_the_first_is_chosen():
    assert best_point({3: queries(denied=0.7), 1: queries(denied=0.7 + 1e-9)}) == 3


def test_a_polarity_that_is_not_evaluable_does_not_choose():
    points = {
        0: queries(affirmed=0.5, composite=np.nan),
        1: queries(affirmed=0.6, composite=np.nan),
    }
    assert best_point(points) == 1


def test_where_nothing_is_evaluable_the_first_point_is_taken():
    assert best_point({0.5: queries(denied=np.nan), 1: queries(denied=np.nan)}) == 0.5


def test_only_three_polarities_are_asked_along_a_scale(deaf, prompts, sampling):
    asked = asked_along(prompts)
    assert {prompt.polarity for prompt in asked} == {"affirmed", "denied", "composite"}
    found = ask(deaf, asked, BY, sampling=sampling)
    assert len(along({0: found}, "share")) == 3


def test_validation_images_must_be_some(deaf):
    with pytest.raises(InputError, match="validation_images is 0; allowed: 1 or more"):
        open_validation(deaf.encoder, n_images=0, seed=0)
