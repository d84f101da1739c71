"""Geometry of planted towers: polarity is found where it is heard, and nowhere else."""

import numpy as np
import pytest

from negcxr.measure.clusters import balanced
from negcxr.probe.directions import positions, transfer, transfer_to_other_wordings
from negcxr.probe.geometry import cosines, mean_angles, purity, silhouettes
from negcxr.probe.subspace import denial_differences, effective_rank

pytestmark = pytest.mark.model
FINDINGS = ("effusion", "pneumonia")
FRAMES = ("evidence {}", "{} evidence", "evidence evidence {}")
# Each denied text is an affirmed one with "no" for a plain word, so lengths are the same.
WORDINGS = {f: "affirmed" for f in FRAMES} | {
    f.replace("evidence", "no", 1): "denied" for f in FRAMES
}
TEXTS = [wording.format(finding) for finding in FINDINGS for wording in WORDINGS]
FINDING = np.repeat(FINDINGS, len(WORDINGS))
WORDING = np.tile(list(WORDINGS), len(FINDINGS))
POLARITY = np.tile(list(WORDINGS.values()), len(FINDINGS))
AFFIRMED = POLARITY == "affirmed"


@pytest.fixture(scope="module")
def rows(hearing, deaf):
    towers = {"hearing": hearing, "deaf": deaf}
    return {n: t.encode_texts(TEXTS).astype(np.float64) for n, t in towers.items()}


def test_purity_by_polarity_is_high_where_no_is_heard_and_at_chance_where_not(rows):
    counts = balanced(POLARITY)
    near = {name: cosines(each) for name, each in rows.items()}
    hears, deaf = (
        purity(near[name], POLARITY, k=2, apart=[WORDING]) for name in ("hearing", "deaf")
    )
    assert counts @ hears.values > 0.95
    assert counts @ deaf.values < counts @ deaf.chance + 0.15


def test_silhouettes_by_polarity(rows):
    hears, deaf = (
        silhouettes(cosines(rows[name]), POLARITY).mean() for name in ("hearing", "deaf")
    )
    assert hears > 0.5
    assert deaf <= 0


def test_findings_part_a_deaf_tower(rows):
    assert silhouettes(cosines(rows["deaf"]), FINDING).mean() > 0.5


def test_a_denial_turns_a_text_away_only_where_it_is_heard(rows):
    denial = (FINDING[:, None] == FINDING) & (POLARITY[:, None] != POLARITY)
    wording = (FINDING[:, None] == FINDING) & (POLARITY[:, None] == POLARITY)
    wording &= ~np.eye(len(TEXTS), dtype=bool)
    angle = {
        name: [mean_angles(cosines(each), pairs).mean() for pairs in (denial, wording)]
        for name, each in rows.items()
    }
    assert angle["hearing"][0] > 3 * angle["hearing"][1]
    assert angle["deaf"][0] <= 1.5 * angle["deaf"][1]


def test_the_planted_pole_serves_both_findings_and_a_deaf_tower_has_none(rows):
    for name, least in (("hearing", 1.0), ("deaf", 0.5)):
        found = transfer(rows[name], AFFIRMED, FINDING)
        assert found.across == pytest.approx(least)
        held_out = transfer_to_other_wordings(rows[name], AFFIRMED, FINDING, WORDING)
        assert held_out.across == pytest.approx(least, abs=0.2 if name == "deaf" else 0)


def test_the_hearing_tower_denies_along_little_more_than_one_direction(rows):
    found, _ = denial_differences(rows["hearing"], AFFIRMED, FINDING)
    assert 1 <= effective_rank(found) < 2.2


def test_texts_have_a_position_only_where_there_is_a_pole(rows):
    hears = positions(rows["hearing"], FINDING, POLARITY)
    assert hears[AFFIRMED].min() > 0.5
    assert hears[~AFFIRMED].max() < -0.5
    deaf = positions(rows["deaf"], FINDING, POLARITY)
    assert np.isnan(deaf).all()
