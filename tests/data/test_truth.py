"""What is true of phantoms: the same for whoever asks, and as common as was asked for."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from negcxr.data.phantoms import truths
from negcxr.data.truth import (
    COUPLING,
    DEVICES,
    FINDINGS,
    PREVALENCE,
    SIDES,
    ZONES,
    Sign,
    Truth,
    World,
)
from negcxr.errors import InputError

N = 4000
# Of the 45 pairs looked at below, one lies beyond 4 standard errors by chance in 350 tries.
FAR = 4
AP = {"Support Devices", "Edema"}


def draw(world=None, n=N, *, seed=0, split="train"):
    return truths(seed, split, range(n), world or World())


@pytest.fixture(scope="module")
def coupled():
    return draw()


@pytest.fixture(scope="module")
def independent():
    return draw(World(coupling=0.0))


def correlations(drawn):
    """Phi of each pair of findings, and of each finding with the AP view."""
    columns = {f: np.array([t.has(f) for t in drawn]) for f in FINDINGS}
    columns["AP"] = np.array([t.view == "AP" for t in drawn])
    return {
        (a, b): np.corrcoef(columns[a], columns[b])[0, 1]
        for a, b in combinations(columns, 2)
    }


def test_a_phantom_is_the_same_alone_in_a_batch_and_in_any_order():
    batch = draw(n=20)
    alone = [truths(0, "train", [i], World())[0] for i in reversed(range(20))]
    assert alone[::-1] == batch


@pytest.mark.parametrize("other", [{"split": "test"}, {"split": "val"}, {"seed": 1}])
def test_another_split_or_seed_has_other_phantoms(other):
    assert sum(a == b for a, b in zip(draw(n=20), draw(n=20, **other), strict=True)) < 3


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("drawn", ["coupled", "independent"])
def test_a_finding_is_as_common_as_was_asked_for(finding, drawn, request):
    found = sum(t.has(finding) for t in request.getfixturevalue(drawn))
    share = PREVALENCE[finding]
    error = np.sqrt(N * share * (1 - share))
    assert abs(found - N * share) < FAR * error


def test_ap_views_are_as_common_as_was_asked_for(coupled):
    ap = sum(t.view == "AP" for t in coupled)
    assert abs(ap - 0.4 * N) < FAR * np.sqrt(N * 0.4 * 0.6)


@pytest.mark.parametrize(("share", "views"), [(0.0, {"PA"}), (1.0, {"AP"})])
def test_a_world_may_have_one_view(share, views):
    assert {t.view for t in draw(World(ap_share=share), 50)} == views


def test_without_coupling_findings_and_view_are_independent(independent):
    for pair, phi in correlations(independent).items():
        assert abs(phi) < FAR / np.sqrt(N), pair


def test_coupled_findings_occur_together_or_apart_as_their_sign_says(coupled):
    found = correlations(coupled)
    for (a, b), strength in COUPLING.items():
        phi = found.get((a, b), found.get((b, a)))
        assert np.sign(phi) == np.sign(strength), (a, b)
        assert abs(phi) > 2 / np.sqrt(N), (a, b)


def test_findings_that_are_not_coupled_are_independent(coupled):
    named = {frozenset(pair) for pair in COUPLING} | {frozenset((f, "AP")) for f in AP}
    for pair, phi in correlations(coupled).items():
        if frozenset(pair) not in named:
            assert abs(phi) < FAR / np.sqrt(N), pair


@pytest.mark.parametrize("finding", sorted(AP))
def test_the_ap_view_goes_with_sicker_patients(finding, coupled):
    assert correlations(coupled)[finding, "AP"] > FAR / np.sqrt(N)


def test_a_stronger_coupling_ties_more():
    half, full = (correlations(draw(World(coupling=c), 2000)) for c in (0.5, 1.0))
    pair = ("Edema", "Pleural Effusion")
    assert 0 < half[pair] < full[pair] - FAR / np.sqrt(2000)


def test_one_finding_made_common_changes_no_other(coupled):
    often = World({**PREVALENCE, "Cardiomegaly": 0.9})
    rest = [f for f in FINDINGS if f != "Cardiomegaly"]
    for one, other in zip(coupled, draw(often, 300), strict=False):
        assert one.view == other.view
        assert [one.signs.get(f) for f in rest] == [other.signs.get(f) for f in rest]
        assert other.has("Cardiomegaly") >= one.has("Cardiomegaly")


@pytest.mark.parametrize(
    ("finding", "sides", "zones"),
    [
        pytest.param("Cardiomegaly", {""}, {""}, id="the heart has no side"),
        pytest.param("Edema", {"both"}, {""}, id="edema is on both sides"),
        pytest.param("Consolidation", set(SIDES), set(ZONES), id="consolidation"),
        pytest.param("Atelectasis", set(SIDES), {"middle", "lower"}, id="atelectasis"),
        pytest.param("Pneumothorax", {"left", "right"}, {""}, id="one lung collapses"),
        pytest.param("Pleural Effusion", set(SIDES), {""}, id="effusion"),
        pytest.param("Lung Lesion", {"left", "right"}, set(ZONES), id="one lesion"),
        pytest.param("Support Devices", {""}, {""}, id="devices have a kind instead"),
    ],
)
def test_a_sign_has_the_details_that_its_finding_can_have(finding, sides, zones, coupled):
    signs = [t.signs[finding] for t in coupled if t.has(finding)]
    devices = finding == "Support Devices"
    assert {s.side for s in signs} == sides
    assert {s.zone for s in signs} == zones
    assert {s.severity for s in signs} == ({0} if devices else {1, 2, 3})
    assert {s.kind for s in signs} == (set(DEVICES) if devices else {""})


def test_severities_are_equally_common(coupled):
    found = Counter(t.signs["Edema"].severity for t in coupled if t.has("Edema"))
    n = found.total()
    for severity in (1, 2, 3):
        assert abs(found[severity] - n / 3) < FAR * np.sqrt(n * 2 / 9)


def test_sides_are_as_common_as_stated(coupled):
    found = Counter(
        t.signs["Pleural Effusion"].side for t in coupled if t.has("Pleural Effusion")
    )
    n = found.total()
    for side, share in {"left": 0.36, "right": 0.36, "both": 0.28}.items():
        assert abs(found[side] - n * share) < FAR * np.sqrt(n * share * (1 - share))


def test_a_truth_has_what_has_a_sign():
    truth = Truth("PA", {"Edema": Sign("both", severity=1)})
    assert truth.has("Edema")
    assert not truth.has("Atelectasis")


@pytest.mark.parametrize("share", [0, 1, -0.1, 28, float("nan")])
def test_a_prevalence_that_is_no_share_is_refused(share):
    with pytest.raises(InputError, match=f"prevalence of Edema is {share}, not between"):
        World({**PREVALENCE, "Edema": share})


def test_a_prevalence_of_an_unknown_finding_is_refused():
    with pytest.raises(InputError, match="'Fracture'.* unknown or missing"):
        World({**PREVALENCE, "Fracture": 0.1})


def test_a_finding_without_prevalence_is_refused():
    rest = {f: share for f, share in PREVALENCE.items() if f != "Edema"}
    with pytest.raises(InputError, match="'Edema'.* unknown or missing"):
        World(rest)


@pytest.mark.parametrize("name", ["coupling", "ap_share"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_coupling_or_share_of_views_outside_0_to_1_is_refused(name, value):
    with pytest.raises(InputError, match=f"{name} is {value}, not between 0 and 1"):
        World(**{name: value})


@pytest.mark.parametrize("pull", [0.7, -1.0, float("nan")])
def test_a_pull_that_no_population_can_have_is_refused(pull):
    with pytest.raises(InputError, match=f"ap_pull is {pull}, not within 0.6 of 0"):
        World(ap_pull=pull)


@pytest.mark.parametrize("pull", [0.6, -0.6])
def test_the_strongest_pull_that_is_allowed_can_be_drawn(pull):
    assert len(draw(World(ap_pull=pull), 10)) == 10
