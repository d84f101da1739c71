"""Scorers with known ends: who hears, who is deaf, who knows, and who is blind."""

import numpy as np
import pytest

from negcxr.chapters import SCORERS, ask
from negcxr.chapters.readers import rule_scores
from negcxr.chapters.scorers import scorer
from negcxr.errors import InputError
from negcxr.text.cues import strip_cue

BY = ("polarity", "finding", "other", "side")
JUDGED = ["affirmed", "denied", "composite", "equivalent", "double-negation", "scope"]
ABSENCES = ["denied", "equivalent", "scope"]


@pytest.fixture(scope="module")
def aurocs(prompts, sampling):
    """AUROC of each query of one polarity, by a scorer."""
    known = {}

    def find(gallery, name, polarity):
        key = (id(gallery), name, polarity)
        if key not in known:
            asked = [p for p in prompts if p.polarity == polarity]
            known[key] = ask(gallery, asked, BY, sampling=sampling, name=name).draws[:, 0]
        return known[key]

    return find


def test_a_deaf_encoders_denials_mirror_its_affirmations(deaf, aurocs):
    affirmed, denied = (aurocs(deaf, "encoder", p) for p in ("affirmed", "denied"))
    assert (affirmed > 0.6).all()
    assert (affirmed < 0.95).all()
    np.testing.assert_allclose(denied, 1 - affirmed, atol=1e-12)


@pytest.mark.parametrize("polarity", ["affirmed", "denied", "composite", "scope"])
def test_an_encoder_that_sees_and_hears_ranks_all_rightly(hearing, aurocs, polarity):
    np.testing.assert_array_equal(aurocs(hearing, "encoder", polarity), 1)


@pytest.mark.parametrize("polarity", [*JUDGED, "side"])
@pytest.mark.parametrize("ears", ["hearing", "deaf"])
def test_an_oracle_is_right_in_every_polarity(request, ears, polarity, aurocs):
    found = aurocs(request.getfixturevalue(ears), "oracle", polarity)
    np.testing.assert_array_equal(found, 1)


@pytest.mark.parametrize(
    ("polarity", "value"),
    [
        ("affirmed", 1),
        ("double-negation", 1),  # its cues cancel, so nothing is lost on the deaf
        ("equivalent", 1),  # no cue to be deaf to
        ("denied", 0),
        ("composite", 0),
        ("scope", 0),
        ("side", 0.5),  # no finding in this gallery lacks the side that is denied
    ],
)
def test_a_deaf_oracle_fetches_the_opposite_of_what_is_denied(
    hearing, aurocs, polarity, value
):
    np.testing.assert_array_equal(aurocs(hearing, "deaf oracle", polarity), value)


@pytest.mark.parametrize("polarity", JUDGED)
def test_how_common_a_claim_is_tells_no_image_from_another(hearing, aurocs, polarity):
    np.testing.assert_array_equal(aurocs(hearing, "label prior", polarity), 0.5)


def test_the_prior_of_a_denial_is_what_that_of_its_affirmation_leaves(hearing, prompts):
    asked = {p.polarity: p for p in prompts if p.finding == "Edema"}
    scores = {
        polarity: SCORERS["label prior"](hearing, [asked[polarity]])[0, 0]
        for polarity in ("affirmed", "denied", "equivalent", "scope")
    }
    share = hearing.dataset.labels[:, 0].mean()
    assert scores["affirmed"] == pytest.approx(share, abs=0.01)
    for polarity in ABSENCES:
        assert scores[polarity] == pytest.approx(1 - scores["affirmed"])


def test_the_rule_turns_the_affirmed_ranking_round(deaf, aurocs):
    affirmed, denied = (aurocs(deaf, "parsing rule", p) for p in ("affirmed", "denied"))
    np.testing.assert_allclose(affirmed, aurocs(deaf, "encoder", "affirmed"), atol=1e-12)
    np.testing.assert_allclose(denied, affirmed, atol=1e-12)


def test_the_rule_is_the_encoder_where_no_cue_stands(deaf, prompts):
    asked = [p for p in prompts if p.polarity in ("equivalent", "affirmed")]
    plain = [p for p in asked if strip_cue(p.text) == p.text]
    assert {p.polarity for p in plain} == {"equivalent", "affirmed"}
    rule, encoder = (SCORERS[name](deaf, plain) for name in ("parsing rule", "encoder"))
    bare = [p.polarity == "equivalent" or p.text == "pulmonary edema" for p in plain]
    np.testing.assert_array_equal(rule[bare], encoder[bare])


@pytest.mark.parametrize(
    ("text", "affirmed", "denied"),
    [
        ("pneumothorax without pleural effusion", "pneumothorax", "pleural effusion"),
        ("no pleural effusion but pneumothorax", "pneumothorax", "pleural effusion"),
        ("no pneumothorax", None, "pneumothorax"),
        ("pneumothorax", "pneumothorax", None),
        ("no lung lesion or pneumothorax", None, "lung lesion or pneumothorax"),
        ("not absent", None, None),
    ],
)
def test_the_rule_subtracts_what_is_denied(deaf, text, affirmed, denied):
    expected = np.zeros(160)
    if affirmed:
        expected += deaf.cosines([affirmed])[0]
    if denied:
        expected -= deaf.cosines([denied])[0]
    np.testing.assert_allclose(rule_scores(deaf, [text, "edema"])[0], expected)


@pytest.mark.parametrize("polarity", ["denied", "composite", "scope"])
def test_without_its_cues_a_prompt_is_heard_as_by_the_deaf(hearing, prompts, polarity):
    asked = [p for p in prompts if p.polarity == polarity][:20]
    stripped = SCORERS["cue stripped"](hearing, asked)
    plain = hearing.cosines([strip_cue(p.text) for p in asked])
    np.testing.assert_array_equal(stripped, plain)
    assert (stripped != SCORERS["encoder"](hearing, asked)).any()


@pytest.mark.parametrize(
    ("polarity", "value"), [("affirmed", 1), ("denied", 1), ("equivalent", 1)]
)
def test_the_view_alone_finds_what_goes_with_it(hearing, aurocs, polarity, value):
    # Just the images with edema are AP here.
    found = aurocs(hearing, "view alone", polarity)
    assert found[0] == value
    assert (np.abs(found[1:] - 0.5) < 0.15).all()


def test_the_view_ranks_every_absence_the_other_way_round(hearing, prompts):
    for prompt in prompts:
        scores = SCORERS["view alone"](hearing, [prompt])[0]
        ap = hearing.dataset.table["view"] == "AP"
        assert (scores[ap].mean() < scores[~ap].mean()) == (prompt.polarity in ABSENCES)


@pytest.mark.parametrize("name", SCORERS)
def test_a_scorer_gives_prompts_down_and_images_across(deaf, prompts, name):
    few = prompts[::40]
    scores = SCORERS[name](deaf, few)
    assert scores.shape == (len(few), 160)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", SCORERS)
def test_a_scorer_works_where_findings_are_not_judged(make_gallery, prompts, name):
    labels = np.full((160, 4), np.nan)
    labels[:40, 0], labels[40:80, 0] = 1, 0
    gallery = make_gallery(labels=labels)
    assert np.isfinite(SCORERS[name](gallery, prompts[::40])).all()


def test_an_unknown_scorer_is_refused():
    with pytest.raises(InputError, match="scorer 'clip' is not known; choose of encoder, "):
        scorer("clip")
