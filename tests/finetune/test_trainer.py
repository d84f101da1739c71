"""Fine-tuned checkpoints: determinism, what moved, what is kept, what lies beside it."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from tests.finetune.scripted import script
from tests.finetune.worlds import tiny_method
from transformers import CLIPModel, CLIPTokenizer, SiglipModel, SiglipTokenizer

from negcxr.errors import InputError
from negcxr.finetune import trainer
from negcxr.finetune.course import Course
from negcxr.finetune.sources import gather
from negcxr.finetune.statements import wordings
from negcxr.finetune.trainer import TrainingData, finetune, small_batch
from negcxr.models import load_encoder

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tuning_world")]

every_family = pytest.mark.parametrize("family", ["clip", "siglip"])
WEIGHTS = "model.safetensors"
TEXTS = ["pleural effusion", "no pleural effusion", "edema without pneumothorax"]
VISION = ("vision_model.", "visual_projection.")
COLUMNS = ["step", "loss", "affirmed", "denied", "composite", "selected", "seconds", "lr"]


def weights(folder):
    return load_file(folder / WEIGHTS)


def moved(before, after):
    """Names of the weights that are not the same to the bit."""
    one, other = weights(before), weights(after)
    assert one.keys() == other.keys()
    return {name for name in one if not torch.equal(one[name], other[name])}


@every_family
def test_the_same_seed_gives_the_same_checkpoint_to_the_bit(
    tuned, bases, films, family, tmp_path
):
    once = tuned(family)
    again = finetune(
        tiny_method(), str(bases[family]), tmp_path / "tuned", data=films, seed=0
    )
    assert moved(once, again) == set()
    for name in ("config.json", "method.json", "tokenizer_config.json"):
        assert (again / name).read_text() == (once / name).read_text(), name
    logs = [pd.read_parquet(out / "training.parquet") for out in (once, again)]
    assert logs[0].drop(columns="seconds").equals(logs[1].drop(columns="seconds"))


def test_another_seed_gives_other_weights(rising):
    outs = [rising(seed=seed) for seed in (0, 1)]
    assert "text_projection.weight" in moved(*outs)


@every_family
def test_the_text_tower_moves_and_the_image_tower_does_not_by_a_bit(rising, bases, family):
    changed = moved(bases[family], rising(family))
    assert not {name for name in changed if name.startswith(VISION)}
    own = {n for n in weights(bases[family]) if n.startswith(("text_", "logit_scale"))}
    # No text here is long enough for the last positions, and few ids are in any text.
    assert own - changed <= {"text_model.embeddings.position_embedding.weight"}


@every_family
def test_low_rank_changes_move_the_text_towers_attention_alone_and_are_folded_in(
    rising, bases, family
):
    out = rising(family, tune="lora")
    names = moved(bases[family], out) - {"logit_scale"}
    assert names
    assert all(re.search(r"text_model.*\.[qv]_proj\.weight$", name) for name in names)
    assert not [path for path in out.rglob("*") if "adapter" in path.name]
    assert "peft" not in (out / "config.json").read_text()


@every_family
def test_both_towers_move_where_both_are_trained(rising, bases, family):
    changed = moved(bases[family], rising(family, tune="both"))
    assert {name for name in changed if name.startswith(VISION)}
    assert {name for name in changed if name.startswith("text_model.encoder")}


def test_layers_of_weight_0_do_not_move_by_a_bit(rising, bases, tmp_path_factory):
    path = tmp_path_factory.mktemp("layers") / "layers.json"
    path.write_text('{"about": "Of a test.", "layers": [0, 1]}')
    for tune in ("text", "lora"):
        changed = moved(bases["clip"], rising(layers=str(path), tune=tune))
        changed -= {"logit_scale"}
        assert changed
        assert all(n.startswith("text_model.encoder.layers.1.") for n in changed)


def test_siglips_bias_is_trained_and_kept_and_clip_has_none(rising, bases):
    terms = {"sigmoid": 1.0}
    assert "logit_bias" in moved(bases["siglip"], rising("siglip", terms=terms))
    assert not {"bias", "logit_bias"} & weights(rising("clip", terms=terms)).keys()


def test_a_share_of_the_way_is_kept_of_every_weight(rising, bases):
    base, whole, part = (
        weights(folder) for folder in (bases["clip"], rising(), rising(share=0.25))
    )
    for name in base:
        expected = base[name] + 0.25 * (whole[name] - base[name])
        torch.testing.assert_close(part[name], expected, atol=1e-6, rtol=0)


@every_family
def test_the_best_steps_weights_are_the_ones_that_are_kept(
    bases, films, family, tmp_path, monkeypatch
):
    seen, keep = {}, Course.keep

    def spied(self):
        seen[self.step] = {k: v.detach().clone() for k, v in self.weights().items()}
        keep(self)

    monkeypatch.setattr(Course, "keep", spied)
    script(monkeypatch, {0: 0.5, 2: 0.6, 4: 0.55, 6: 0.6})
    out = finetune(tiny_method(), str(bases[family]), tmp_path / "o", data=films, seed=0)
    kept = weights(out)
    assert list(seen) == [0, 2, 4, 6]
    best = seen[2]
    best["logit_bias"] = best.pop("bias")
    for name in kept.keys() & best.keys():
        assert torch.equal(kept[name], best[name]), name
    assert not torch.equal(seen[6]["logit_scale"], kept["logit_scale"])


def test_training_stops_where_validations_have_not_helped_for_long(
    bases, films, tmp_path, monkeypatch
):
    script(monkeypatch, {0: 0.5, 2: 0.6, 4: 0.55, 6: 0.6, 8: 0.59, 10: 0.9})
    method = tiny_method(steps=40, patience=3)
    out = finetune(method, str(bases["clip"]), tmp_path / "o", data=films, seed=0)
    assert pd.read_parquet(out / "training.parquet")["step"].tolist() == [0, 2, 4, 6, 8]


def test_where_nothing_helps_the_base_is_kept(bases, films, tmp_path, monkeypatch):
    script(monkeypatch, {0: 0.5, 2: 0.4, 4: 0.5, 6: 0.3})
    out = finetune(tiny_method(), str(bases["clip"]), tmp_path / "o", data=films, seed=0)
    assert moved(bases["clip"], out) == set()


def test_the_log_has_a_row_a_validation(tuned):
    log = pd.read_parquet(tuned() / "training.parquet")
    assert list(log) == COLUMNS
    assert log["step"].tolist() == [0, 2, 4, 6]
    assert log["loss"].isna().tolist() == [True, False, False, False]
    shares = [(1 + np.cos(np.pi * step / 6)) / 2 for step in (1, 3, 5)]
    np.testing.assert_allclose(log["lr"], [0, *(0.003 * share for share in shares)])
    assert log["seconds"].is_monotonic_increasing
    for name in ("affirmed", "denied", "composite"):
        assert log[name].between(0, 1).all()
    mean = log[["affirmed", "denied", "composite"]].mean(axis=1)
    np.testing.assert_allclose(log["selected"], mean)


def test_the_rate_in_the_log_is_that_of_a_whole_layer(rising, tmp_path_factory):
    path = tmp_path_factory.mktemp("layers") / "layers.json"
    path.write_text('{"about": "Of a test.", "layers": [0.1, 1]}')
    logs = [
        pd.read_parquet(rising(layers=layers) / "training.parquet")
        for layers in ("", str(path))
    ]
    assert logs[0]["lr"].equals(logs[1]["lr"])


@pytest.mark.parametrize(
    ("family", "model_class", "tokenizer_class", "padding"),
    [
        ("clip", CLIPModel, CLIPTokenizer, {"padding": True}),
        ("siglip", SiglipModel, SiglipTokenizer, {"padding": "max_length"}),
    ],
)
def test_plain_transformers_and_the_study_make_the_same_rows_of_it(
    rising, family, model_class, tokenizer_class, padding
):
    out = rising(family)
    model = model_class.from_pretrained(out, use_safetensors=True, local_files_only=True)
    tokenizer = tokenizer_class.from_pretrained(out, local_files_only=True)
    ids = tokenizer(TEXTS, return_tensors="pt", **padding)["input_ids"]
    with torch.no_grad():
        rows = model.get_text_features(input_ids=ids).pooler_output
    rows = torch.nn.functional.normalize(rows, dim=-1)
    encoder = load_encoder(str(out))
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), rows, atol=1e-5)


@every_family
def test_it_holds_all_that_its_base_holds_but_what_tells_of_the_bases_weights(
    tuned, bases, family
):
    out, base = tuned(family), bases[family]
    own = {"config.json", WEIGHTS}
    for path in base.iterdir():
        if path.name not in own:
            assert (out / path.name).read_bytes() == path.read_bytes(), path.name
    more = {path.name for path in out.iterdir()} - {path.name for path in base.iterdir()}
    assert more == {"README.md", "method.json", "training.parquet"}


def test_what_tells_of_the_bases_making_is_left_behind(tuned, bases, films, tmp_path):
    base = shutil.copytree(bases["clip"], tmp_path / "pretrained")
    for name in ("recipe.json", "training.json"):
        (base / name).write_text("{}")
    out = finetune(tiny_method(), str(base), tmp_path / "o", data=films, seed=0)
    assert {path.name for path in out.iterdir()} == {p.name for p in tuned().iterdir()}


def test_it_can_be_fine_tuned_again_and_tells_of_its_own_making_alone(
    tuned, films, tmp_path
):
    first = tuned()
    method = tiny_method(steps=2, name="again")
    second = finetune(method, str(first), tmp_path / "again", data=films, seed=0)
    record = json.loads((second / "method.json").read_text())
    assert record["base"]["name"] == first.name
    assert record["method"]["name"] == "again"
    assert {p.name for p in second.iterdir()} == {p.name for p in first.iterdir()}


def test_the_record_holds_all_that_decides_the_weights(tuned, films, bases):
    record = json.loads((tuned("clip") / "method.json").read_text())
    assert record == {
        "method": tiny_method().model_dump(exclude={"about", "source"}),
        "layers": [],
        "base": {
            "name": "clip",
            "fingerprint": load_encoder(str(bases["clip"])).checkpoint.fingerprint,
        },
        "data": films._asdict() | {"root": Path(films.root).name},
        "words": wordings(),
        "form": trainer.FORM,
        "seed": 0,
        "dtype": "float32",
    }


def test_the_card_tells_base_method_data_policy_seed_and_measures(tuned):
    told = (tuned(tune="lora", share=0.5, source="someone2020") / "README.md").read_text()
    for part in (
        "# tuned",
        "| base | clip |",
        "| method | tiny: Of a test. |",
        "| after | someone2020 |",
        "| objectives | con2 1 |",
        "| captions | affirmed 0.4, denied 0.4, composite 0.2 |",
        "| their text | labels |",
        "| what was trained | lora |",
        "training images of `folder`, policy `explicit` |",
        "| share of the way from the base | 0.5 |",
        "| seed | 0 |",
        "prompt set `chest`",
    ):
        assert part in told, part
    assert re.search(r"\| steps x batch \| 6 x 8, the weights of step [0246] kept \|", told)
    assert not re.search(r"\{\w*\}|nan|None|/tmp", told)
    cell = r"(\d\.\d{3}) \[(\d\.\d{3}), (\d\.\d{3})\]"
    for name in ("affirmed", "denied", "composite"):
        row = re.search(rf"^\| {name} \| {cell} \|$", told, re.MULTILINE)
        value, low, high = map(float, row.groups())
        assert 0 <= low <= value <= high <= 1


def test_the_card_of_a_method_of_ours_says_so(tuned):
    assert "| after | ours |" in (tuned() / "README.md").read_text()


def test_it_trains_on_phantoms(bases, tmp_path):
    data = TrainingData("phantoms", n_images=200)
    out = finetune(
        tiny_method(steps=2), str(bases["clip"]), tmp_path / "o", data=data, seed=0
    )
    assert "of `phantoms`, policy `explicit`" in (out / "README.md").read_text()
    assert pd.read_parquet(out / "training.parquet")["step"].tolist() == [0, 2]


def test_steps_and_step_size_take_the_place_of_the_methods_own(bases, films, tmp_path):
    how = {"data": films, "seed": 0, "steps": 2, "lr": 0.5}
    out = finetune(tiny_method(), str(bases["clip"]), tmp_path / "o", **how)
    log = pd.read_parquet(out / "training.parquet")
    assert log["step"].tolist() == [0, 2]
    assert log["lr"].iloc[-1] == pytest.approx(0.25)
    record = json.loads((out / "method.json").read_text())["method"]
    assert (record["steps"], record["lr"]) == (2, 0.5)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"steps": -1}, "steps is -1; allowed: 0 for the method's own, or more"),
        ({"lr": -0.1}, "lr is -0.1; allowed: 0 for the method's own, or more"),
        ({"dtype": "half"}, "dtype is half; to train, allowed: float32, bfloat16"),
        ({"dtype": "float16"}, "dtype is float16; to train, allowed: float32, bfloat16"),
        ({"device": "abacus"}, "device 'abacus' cannot be used here"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(
    bases, films, tmp_path, how, message
):
    with pytest.raises(InputError, match=message):
        finetune(
            tiny_method(), str(bases["clip"]), tmp_path / "o", data=films, seed=0, **how
        )
    assert list(tmp_path.iterdir()) == []


@every_family
def test_a_small_batch_is_a_methods_own_with_rows_that_gradients_flow_through(
    bases, films, family
):
    encoder = load_encoder(str(bases[family]))
    method = tiny_method(terms={"con2": 1.0, "mirror": 1.0})
    sources = gather(encoder, films, method)
    rows, batch = small_batch(method, encoder, sources, seed=0, pairs=4)
    assert len(batch.images) == len(rows.texts) == len(rows.distractors) == 4
    assert rows.targets.shape == (8, encoder.dim)
    texts = [said.text for said in batch.statements]
    both = torch.cat([rows.texts, rows.opposed]).detach()
    np.testing.assert_allclose(both, encoder.encode_texts(texts), atol=1e-5)
    assert rows.texts.requires_grad
    assert not rows.images.requires_grad
