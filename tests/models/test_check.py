"""One look at a checkpoint, on tiny ones whose features can be counted by hand."""

import runpy
import sys
from types import SimpleNamespace

import pytest
import torch
from tests.checkpoints import BUILDERS, HEADS, change

from negcxr import paths
from negcxr.errors import InputError
from negcxr.models import check as module
from negcxr.models import load_encoder
from negcxr.models.check import check
from negcxr.models.check_numbers import Numbers, Side, faults, numbers
from negcxr.models.check_text import hearing, readings
from negcxr.models.check_works import works
from negcxr.models.cost import Tower

pytestmark = pytest.mark.model
TEXT = Tower(layers=2, width=16, tokens=64)


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """A look at each kind."""
    root = tmp_path_factory.mktemp("checked")
    return {name: check(str(make(root / name))) for name, make in BUILDERS.items()}


@pytest.mark.parametrize("name", BUILDERS)
def test_every_kind_is_usable(checked, name):
    assert checked[name].faults == []


@pytest.mark.parametrize("name", BUILDERS)
def test_sizes_come_from_the_config(checked, name):
    sizes = checked[name].sizes
    for part in (sizes.image, sizes.text):
        assert part[:3] == (2, HEADS, 16)
    assert (sizes.image_size, sizes.precisions) == (16, ("F32",))


def test_the_weights_of_a_tower_are_counted(checked):
    # Two layers: 4 (16 x 16 + 16) of attention, 16 x 32 + 32 + 32 x 16 + 16 of the MLP and
    # 2 x 32 of two norms; a norm behind them; 96 tokens and 64 places; the projection.
    layers = 2 * (4 * 272 + 544 + 528 + 64)
    expected = layers + 32 + (96 + 64) * 16 + (16 * 16 + 16)
    assert checked["siglip"].sizes.text.parameters == expected


def test_precision_is_that_of_the_file(build):
    folder = build("clip")
    load_encoder(str(folder)).model.half().save_pretrained(folder)
    assert check(str(folder)).sizes.precisions == ("F16",)


@pytest.mark.parametrize("name", BUILDERS)
def test_the_same_is_computed_twice_alone_and_by_hand(checked, name):
    found = checked[name].numbers
    for side in (found.texts, found.images):
        assert side.twice == 0
        assert side.batch < 1e-5
        assert 0 < side.shortest <= side.longest
    assert found.by_hand < 1e-5


def test_a_model_that_answers_by_chance_is_not_usable(build, monkeypatch):
    encoder = load_encoder(str(build("clip")))
    real = encoder.text_features
    monkeypatch.setattr(
        encoder, "text_features", lambda ids: real(ids) + torch.randn(len(ids), 8)
    )
    told = faults(numbers(encoder), "float32")
    assert told[0].startswith("the same sentence twice: rows differ by ")
    assert told[0].endswith("; allowed: 0.0001")


def test_a_model_that_is_read_otherwise_than_its_config_says_is_not_usable(build):
    encoder = load_encoder(str(build("clip")))
    for layer in encoder.text_layers():
        layer.module.self_attn.scale *= 2
    (told,) = faults(numbers(encoder), "float32")
    assert told.startswith("the text tower and the same written out: rows differ by ")


@pytest.mark.parametrize("by_hand", [2e-3, float("nan")])
def test_what_half_precision_may_single_precision_may_not(by_hand):
    side = Side(1.0, 1.0, 0.0, 0.0)
    found = Numbers(side, side, by_hand)
    assert len(faults(found, "float32")) == 1
    assert len(faults(found, "float16")) == (0 if by_hand == 2e-3 else 1)


def test_a_curve_that_is_not_written_out_is_no_fault(build):
    folder = build("clip")
    text = load_encoder(str(folder)).model.config.text_config.to_dict()
    change(folder / "config.json", text_config=text | {"hidden_act": "silu"})
    found = check(str(folder))
    assert (found.numbers.by_hand, found.faults) == (None, [])
    assert found.numbers.why.startswith("hidden_act 'silu'")


@pytest.mark.parametrize(
    ("name", "comma", "case"),
    [("clip", True, False), ("siglip", False, False), ("siglip2", True, False)],
)
def test_what_of_a_denial_is_dropped(encoders, name, comma, case):
    found = hearing(encoders[name])
    assert (found.comma, found.full_stop, found.case) == (comma, comma, case)


@pytest.mark.parametrize("name", BUILDERS)
def test_the_cues_reach_a_model(encoders, name):
    assert all(hearing(encoders[name]).cues.values())


def test_a_cue_that_is_an_unknown_word_is_lost(build):
    folder = build("bert_dual")
    path = folder / "vocab.txt"  # a line a piece, so a changed one keeps its number
    path.write_text(path.read_text().replace("\nno\n", "\nyes\n").replace("\nn\n", "\n§\n"))
    encoder = load_encoder(str(folder))
    heard = hearing(encoder)
    assert heard.cues["no"] == ()
    assert any(reading.unknown for reading in readings(encoder))
    (cues,) = [work for work in works(encoder, heard, TEXT) if work.chapter == "12_cues"]
    assert cues.why.startswith("never gets 'no'")


@pytest.mark.parametrize(("name", "length"), [("clip", 77), ("siglip", 64)])
def test_a_long_sentence_is_cut(encoders, name, length):
    short, _, long = readings(encoders[name])
    assert (short.cut, long.cut) == (False, True)
    assert long.length > length
    assert len(long.pieces) <= length


@pytest.mark.parametrize(
    ("name", "dtype", "expected"),
    [
        ("clip", "float32", ("10_retrieval", "works", "")),
        ("clip", "float32", ("12_cues", "works", "")),
        ("siglip", "float32", ("12_cues", "works with limits", "comma")),
        ("clip", "float32", ("30_attribution", "works", "")),
        ("clip", "bfloat16", ("30_attribution", "will not", "float32")),
        ("clip", "bfloat16", ("20_method", "works", "")),
        ("clip", "float16", ("20_method", "will not", "float32 or bfloat16")),
        ("clip", "float32", ("32_heads", "works with limits", "2 layers x 4 heads")),
        ("bert_dual", "float32", ("33_tracing", "works", "")),
        ("bert_mean", "float32", ("33_tracing", "works with limits", "mean over tokens")),
        ("clip", "float32", ("35_real_sentences", "works with limits", "77 tokens")),
    ],
)
def test_what_works_is_told_with_its_limits(encoders, monkeypatch, name, dtype, expected):
    encoder = encoders[name]
    monkeypatch.setattr(encoder, "dtype", dtype)
    told = {work.chapter: work for work in works(encoder, hearing(encoder), TEXT)}
    chapter, state, why = expected
    assert told[chapter].state == state
    assert why in told[chapter].why


def test_a_folder_with_a_known_name_is_held_against_its_entry(build):
    folder = build("siglip").rename(build("clip").parent / "medsiglip-448")
    found = check(str(folder)).known
    assert found.entry.id == "google/medsiglip-448"
    assert "image size is 16; expected 448" in found.differences
    assert found.exposures["mimic"].state == "seen"


def test_a_folder_that_nobody_knows_has_no_entry(checked):
    found = checked["clip"].known
    assert (found.entry, found.differences) == (None, [])
    assert {exposure.state for exposure in found.exposures.values()} == {"unknown"}


def test_it_is_loaded_once(build, monkeypatch):
    loaded = []

    def load(name, **how):
        loaded.append(name)
        return load_encoder(name, **how)

    monkeypatch.setattr(module, "load_encoder", load)
    check(folder := str(build("clip")))
    assert loaded == [folder]


def test_a_checkpoint_that_cannot_be_loaded_is_told_so(build):
    folder = build("clip")
    (folder / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(InputError, match="clip: cannot be loaded"):
        check(str(folder))


def test_every_chapter_is_told_of(encoders):
    told = [
        work.chapter for work in works(encoders["clip"], hearing(encoders["clip"]), TEXT)
    ]
    assert told == sorted(path.stem for path in paths.NOTEBOOKS.glob("*.ipynb"))


def test_memory_is_told_where_the_system_counts_it_otherwise(build, monkeypatch):
    encoder = load_encoder(str(build("clip")))
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows
    counted = SimpleNamespace(memory_info=lambda: SimpleNamespace(peak_wset=123))
    monkeypatch.setattr(module.psutil, "Process", lambda: counted)
    assert module._peak(encoder) == 123


def test_a_look_needs_nothing_of_one_system_alone(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert "check" in runpy.run_path(module.__file__)  # a fresh copy, imported anew


def test_a_wide_tower_takes_smaller_steps_and_no_size_is_claimed(build):
    encoder = load_encoder(str(build("clip")))
    encoder.model.config.text_config.hidden_size = 512
    (found,) = [
        w for w in works(encoder, hearing(encoder), TEXT) if w.chapter == "20_method"
    ]
    assert (found.state, found.why) == (
        "works with limits",
        "take smaller steps: --lr; which size is right was not measured",
    )
