"""Between two checkpoints: both ends exact, the middle by hand, and rows kept apart."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file
from tests.checkpoints import BUILDERS, change

from negcxr.embed import cache_file, embed_texts
from negcxr.errors import InputError
from negcxr.finetune.interpolate import interpolated, mixed_weights
from negcxr.models import load_encoder

TEXTS = ["no effusion", "effusion", "effusion without edema"]


def moved(folder, *, prefix="text_model.", seed=1):
    """The weights of a folder whose names begin so, moved by a little noise."""
    path, rng = folder / "model.safetensors", np.random.default_rng(seed)
    weights = load_file(path)
    for name in sorted(weights):
        if name.startswith(prefix):
            noise = 0.1 * rng.normal(size=weights[name].shape)
            weights[name] = weights[name] + noise.astype(np.float32)
    save_file(weights, path, metadata={"format": "pt"})
    return folder


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    """Base and tuned encoder of a kind; what is tuned begins with ``prefix``."""

    def pair(kind="clip", prefix="text_model."):
        root = tmp_path_factory.mktemp(kind)
        base = BUILDERS[kind](root / "base")
        tuned = moved(BUILDERS[kind](root / "tuned"), prefix=prefix)
        return load_encoder(str(base)), load_encoder(str(tuned))

    return pair


@pytest.fixture(scope="module", params=["clip", "siglip"])
def pair(make, request):
    return make(request.param)


def pictures(n=3):
    rng = np.random.default_rng(0)
    return [
        Image.fromarray(rng.integers(0, 256, (20, 20), dtype=np.uint8)) for _ in range(n)
    ]


@pytest.mark.model
def test_the_ends_give_exactly_the_rows_of_base_and_tuned(pair):
    for share, end in zip((0.0, 1.0), pair, strict=True):
        mixed = interpolated(*pair, share)
        assert type(mixed) is type(end)
        np.testing.assert_array_equal(mixed.encode_texts(TEXTS), end.encode_texts(TEXTS))
        np.testing.assert_array_equal(
            mixed.encode_images(pictures()), end.encode_images(pictures())
        )


@pytest.mark.model
def test_between_the_ends_every_weight_lies_its_share_of_the_way(pair):
    base, tuned = (encoder.model.state_dict() for encoder in pair)
    mixed = interpolated(*pair, 0.25).model.state_dict()
    assert mixed.keys() == base.keys()
    for name, weight in mixed.items():
        expected = base[name] + 0.25 * (tuned[name] - base[name])
        torch.testing.assert_close(weight, expected)


@pytest.mark.model
def test_neither_base_nor_tuned_is_changed(make):
    pair = make("clip")  # of its own: no test before may have changed it
    before = [encoder.encode_texts(TEXTS) for encoder in pair]
    assert (before[0] != before[1]).any()
    interpolated(*pair, 0.5)
    for rows, encoder in zip(before, pair, strict=True):
        np.testing.assert_array_equal(encoder.encode_texts(TEXTS), rows)


@pytest.mark.model
def test_base_and_tuned_may_be_swapped_with_the_share(pair):
    base, tuned = pair
    there, back = interpolated(base, tuned, 0.25), interpolated(tuned, base, 0.75)
    np.testing.assert_allclose(
        there.encode_texts(TEXTS), back.encode_texts(TEXTS), atol=1e-6
    )


@pytest.mark.model
def test_rows_in_the_cache_are_kept_apart_by_share_and_by_both_checkpoints(
    pair, tmp_path, monkeypatch
):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path))
    base, tuned = pair
    mixed = [interpolated(base, tuned, share) for share in (0.0, 0.5, 1.0)]
    mixed += [interpolated(tuned, base, 0.5), interpolated(base, mixed[1], 0.5)]
    files = {cache_file(encoder) for encoder in (base, tuned, *mixed)}
    assert len(files) == 7
    for encoder in (base, tuned, mixed[1]):
        rows = embed_texts(encoder, TEXTS)
        np.testing.assert_allclose(rows, encoder.encode_texts(TEXTS), atol=1e-6)


@pytest.mark.model
def test_the_same_two_and_share_are_the_same_checkpoint(pair):
    first, again = (interpolated(*pair, 0.5).checkpoint for _ in range(2))
    assert first == again
    assert first.name == "base, 0.5 of the way to tuned"
    assert first.folder == pair[0].checkpoint.folder


@pytest.mark.model
@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_a_share_beyond_the_ends_is_refused(pair, share):
    with pytest.raises(InputError, match="share is .*; allowed: 0 .the base. to 1"):
        interpolated(*pair, share)


@pytest.mark.model
def test_two_families_are_refused(make):
    base, other = make("clip")[0], make("siglip")[0]
    with pytest.raises(InputError, match="base: are clip and siglip; allowed: two of one"):
        interpolated(base, other, 0.5)


@pytest.mark.model
def test_two_vocabularies_are_refused_though_their_weights_fit(make):
    base, other = make("clip")[0], make("legacy_clip")[0]
    with pytest.raises(InputError, match="have two vocabularies"):
        interpolated(base, other, 0.5)


@pytest.mark.model
def test_two_ways_to_prepare_images_are_refused(make, tmp_path):
    folder = BUILDERS["clip"](tmp_path / "brighter")
    change(folder / "preprocessor_config.json", image_mean=[0.1, 0.1, 0.1])
    with pytest.raises(InputError, match="prepare images in two ways"):
        interpolated(make("clip")[0], load_encoder(str(folder)), 0.5)


@pytest.mark.parametrize(
    ("tuned", "said"),
    [
        ({"a": torch.zeros(3)}, r"weight a: \[2\] and \[3\]; allowed: one shape"),
        ({}, r"weight a: \[2\] and none"),
        ({"a": torch.zeros(2), "b": torch.zeros(1)}, r"weight b: none and \[1\]"),
    ],
)
def test_weights_of_unlike_shapes_are_refused_by_name(tuned, said):
    with pytest.raises(InputError, match=said):
        mixed_weights({"a": torch.zeros(2)}, tuned, 0.5)


def test_the_upper_end_is_exact_where_a_sum_would_round():
    base, tuned = {"a": torch.tensor([1e8])}, {"a": torch.tensor([1.1])}
    assert base["a"] + 1.0 * (tuned["a"] - base["a"]) != tuned["a"]
    assert torch.equal(mixed_weights(base, tuned, 1.0)["a"], tuned["a"])
    assert torch.equal(mixed_weights(base, tuned, 0.0)["a"], base["a"])


def test_whole_numbers_stay_the_bases():
    base, tuned = {"n": torch.tensor([0, 1])}, {"n": torch.tensor([5, 5])}
    assert mixed_weights(base, tuned, 0.5)["n"].tolist() == [0, 1]
