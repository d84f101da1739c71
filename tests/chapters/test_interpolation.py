"""What lies between a base and what was tuned from it, asked over one gallery."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.chapters.conftest import FINDINGS, make_dataset, make_labels
from tests.checkpoints import BUILDERS

from negcxr.chapters import Sampling, ask, open_gallery
from negcxr.chapters.curves import Validation, asked_along
from negcxr.chapters.interpolation import (
    SHARES,
    between,
    chosen_share,
    load_tuned,
    method_names,
    share_changes,
)
from negcxr.embed import cache_file
from negcxr.errors import InputError
from negcxr.finetune.interpolate import interpolated
from negcxr.models import load_encoder
from negcxr.text.prompts import load_prompt_set

BY = ("polarity", "finding", "other")
FEW = Sampling(n_resamples=20, seed=0)


def moved(folder, prefix):
    path, rng = folder / "model.safetensors", np.random.default_rng(3)
    weights = load_file(path)
    for name in sorted(weights):
        if name.startswith(prefix):
            noise = 0.2 * rng.normal(size=weights[name].shape)
            weights[name] = weights[name] + noise.astype(np.float32)
    save_file(weights, path, metadata={"format": "pt"})


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run's folder with a base, and two methods: one of the text tower, one of both."""
    root = tmp_path_factory.mktemp("run")
    BUILDERS["clip"](root / "base")
    for name, prefix in (("text", ("text_model.",)), ("both", ("text_model.", "vision_"))):
        moved(BUILDERS["clip"](root / "checkpoints" / name), prefix)
    return root


@pytest.fixture(scope="module")
def base(run):
    return load_encoder(str(run / "base"))


@pytest.fixture(scope="module")
def gallery(base):
    return open_gallery(base, make_dataset(make_labels()))


@pytest.fixture(scope="module")
def plain():
    return load_prompt_set("plain", FINDINGS)


@pytest.mark.model
@pytest.mark.parametrize("name", ["text", "both"])
def test_the_ends_of_the_way_are_base_and_tuned(run, base, gallery, plain, name):
    tuned = load_tuned(run, name, base)
    found = between(gallery, plain, tuned, FEW)
    assert list(found) == list(SHARES) == pytest.approx(np.arange(11) / 10)
    ends = (gallery, open_gallery(tuned, gallery.dataset))
    for share, end in zip((0.0, 1.0), ends, strict=True):
        asked = ask(end, asked_along(plain), BY, sampling=FEW)
        np.testing.assert_allclose(found[share].scores, asked.scores, atol=1e-6)
    assert (found[0.0].scores != found[0.5].scores).any()


@pytest.mark.model
def test_images_are_embedded_once_where_the_image_tower_was_held(
    run, base, gallery, plain, monkeypatch
):
    def refuse(*_):
        raise AssertionError("images were embedded again")

    monkeypatch.setattr("negcxr.chapters.galleries.embed_images", refuse)
    between(gallery, plain, load_tuned(run, "text", base), FEW)
    with pytest.raises(AssertionError, match="embedded again"):
        between(gallery, plain, load_tuned(run, "both", base), FEW)


@pytest.mark.model
def test_the_share_is_one_of_those_asked_and_the_same_each_time(run, base, gallery, plain):
    tuned = load_tuned(run, "text", base)
    validation = Validation(gallery, plain)
    share = chosen_share(validation, tuned, seed=0)
    assert share in SHARES
    assert chosen_share(validation, tuned, seed=1) == share  # no resample has a say
    assert chosen_share(validation, base, seed=0) == 0  # all alike: the base


@pytest.mark.model
def test_changes_are_means_over_methods_from_one_share_to_another(
    run, base, gallery, plain
):
    curves = {
        n: between(gallery, plain, load_tuned(run, n, base), FEW) for n in ("text", "both")
    }
    shares = {"text": 0.3, "both": 1.0}
    found = share_changes(curves, shares, since=0.0, n=160)
    assert list(found) == ["affirmed", "denied", "composite"]
    for polarity, known in found.items():
        each = [
            curves[n][share].mean(polarity=polarity).value
            - curves[n][0.0].mean(polarity=polarity).value
            for n, share in shares.items()
        ]
        assert known.value == pytest.approx(np.mean(each))
        assert known.low <= known.value <= known.high
    still = share_changes(curves, dict.fromkeys(curves, 0.0), since=0.0, n=160)
    assert {known.value for known in still.values()} == {0}


@pytest.mark.model
def test_a_tuned_checkpoint_comes_in_the_bases_precision(run):
    half = load_encoder(str(run / "base"), dtype="bfloat16")
    assert load_tuned(run, "text", half).dtype == "bfloat16"


@pytest.mark.model
def test_a_checkpoint_that_was_never_made_is_named_with_the_chapter_that_makes_it(
    run, base
):
    said = (
        r"checkpoints/con2: no checkpoint of method 'con2'; the chapter 20_con2 makes it: "
        r"run notebooks/20_method\.ipynb with method con2"
    )
    with pytest.raises(InputError, match=said):
        load_tuned(run, "con2", base)
    (run / "checkpoints" / "con2").mkdir()  # begun, and not finished
    with pytest.raises(InputError, match=said):
        load_tuned(run, "con2", base)


@pytest.mark.model
def test_points_of_a_way_keep_their_rows_apart(run, base, gallery, plain):
    tuned = load_tuned(run, "text", base)
    files = {cache_file(interpolated(base, tuned, share)) for share in SHARES}
    assert len(files) == len(SHARES)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("con2", ["con2"]),
        ("con1, con2,no-price", ["con1", "con2", "no-price"]),
        ("con2,,con2 ,", ["con2"]),
    ],
)
def test_methods_are_names_with_commas_each_once(text, names):
    assert method_names(text) == names


@pytest.mark.parametrize("text", ["", " , "])
def test_no_method_is_refused(text):
    with pytest.raises(InputError, match="methods is '.*'; allowed: names with commas"):
        method_names(text)
