"""Alignment: tokens that keep their places have roles, and other pairs are left out."""

import numpy as np
import pytest
from tests import checkpoints

from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.towers import open_tower
from negcxr.probe.alignment import align, places
from negcxr.text.pairs import Pair

pytestmark = pytest.mark.model
# Words of one token each in both families.
GOOD = Pair(
    *("effusion", "good"),
    affirmed="pneumonia evidence effusion pneumonia",
    denied="pneumonia no effusion pneumonia",
)


@pytest.fixture(scope="module")
def tower(family, tmp_path_factory):
    folder = tmp_path_factory.mktemp("alignment") / family
    return open_tower(load_encoder(str(getattr(checkpoints, family)(folder))))


def pair(affirmed, denied):
    return Pair("effusion", "test", affirmed, denied)


def test_pairs_are_parted_by_why_they_cannot_be_traced(tower):
    longer = pair("evidence of effusion", "effusion")
    same = pair("no effusion", "no effusion")
    apart = pair("no of effusion evidence", "evidence of effusion no")
    found = align(tower, [longer, GOOD, same, apart])
    assert found.pairs == [GOOD]
    assert found.left_out == [
        (longer, "another number of tokens"),
        (same, "no token that differs"),
        (apart, "tokens that differ apart"),
    ]


def test_no_pair_left_is_refused_with_the_reasons_counted(tower):
    with pytest.raises(InputError, match="none of 2 .*2 with another number") as refused:
        align(tower, [pair("evidence of effusion", "effusion")] * 2)
    assert tower.name in str(refused.value)
    assert "allowed: two sentences of as many tokens" in str(refused.value)


def roles(tower, one):
    first, second = (tower.tokens([text]) for text in (one.affirmed, one.denied))
    return {
        name: np.flatnonzero(mask[0].numpy())
        for name, mask in places(tower, first, second).items()
    }


def test_every_token_has_one_role(tower):
    found = roles(tower, GOOD)
    length = tower.tokens([GOOD.affirmed]).ids.shape[1]
    assert sorted(np.concatenate(list(found.values()))) == list(range(length))


def test_roles_lie_where_the_words_stand(tower, family):
    found = {name: list(at) for name, at in roles(tower, GOOD).items()}
    if family == "clip":
        wanted = {"start": [0], "before cue": [1], "cue": [2], "after cue": [3, 4]}
        assert found == wanted | {"end": [], "read": [5]}
    else:
        wanted = {"start": [], "before cue": [0], "cue": [1], "after cue": [2, 3]}
        assert found == wanted | {"end": [*range(4, 63)], "read": [63]}


def test_what_pads_a_short_text_of_a_batch_has_no_role(tower, family):
    pairs = [GOOD, pair("evidence effusion", "no effusion")]
    first = tower.tokens([p.affirmed for p in pairs])
    second = tower.tokens([p.denied for p in pairs])
    masks = places(tower, first, second).values()
    seen = sum(mask.int() for mask in masks)
    assert seen.sum(dim=1).tolist() == first.lengths.tolist()
    assert seen.max() == 1
