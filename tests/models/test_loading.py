"""What a folder may and may not make the loader do."""

import re

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from tests.checkpoints import BUILDERS, change
from transformers.utils import logging

from negcxr.errors import InputError
from negcxr.models import load_encoder

pytestmark = pytest.mark.model


def rewrite(folder, **changes):
    """Weights with some of them replaced; ``None`` takes one away."""
    weights = load_file(folder / "model.safetensors") | changes
    kept = {name: array for name, array in weights.items() if array is not None}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("name", BUILDERS)
def test_half_precision_weights_compute_in_single_precision(build, name):
    folder = build(name)
    weights = load_file(folder / "model.safetensors")
    rewrite(folder, **{key: array.astype(np.float16) for key, array in weights.items()})
    change(folder / "config.json", dtype="float16", torch_dtype="float16")
    encoder = load_encoder(str(folder))
    assert {weight.dtype for weight in encoder.model.parameters()} == {torch.float32}


def test_another_precision_is_used_when_asked_for_and_rows_stay_single(build, images):
    encoder = load_encoder(str(build("clip")), dtype="bfloat16")
    rows = encoder.encode_images(images)
    assert encoder.model.dtype == torch.bfloat16
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_missing_weights_are_named(build):
    folder = build("clip")
    rewrite(folder, **{"text_projection.weight": None, "logit_scale": None})
    line = "2 weights are missing or of another shape than config.json says: logit_scale, "
    with pytest.raises(InputError, match=re.escape(line)):
        load_encoder(str(folder))


def test_weights_of_another_shape_are_named(build):
    folder = build("siglip")
    rewrite(folder, **{"text_model.head.weight": np.zeros((16, 15), np.float32)})
    with pytest.raises(
        InputError, match=r"1 weights are missing.*: text_model\.head\.weight"
    ):
        load_encoder(str(folder))


def test_of_many_missing_weights_five_are_named(build):
    folder = build("clip")
    names = list(load_file(folder / "model.safetensors"))
    rewrite(folder, **dict.fromkeys(names[:-1]))
    with pytest.raises(InputError, match=rf"and {len(names) - 6} more$"):
        load_encoder(str(folder))


def test_damaged_weights_are_refused_in_one_line(build):
    folder = build("clip")
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cannot be loaded \([^\n]*\)$"):
        load_encoder(str(folder))


def test_a_config_of_wrong_types_is_refused_in_one_line(build):
    folder = build("clip")
    change(folder / "config.json", text_config={"hidden_size": "wide"})
    with pytest.raises(InputError, match=r"cannot be loaded \([^\n]*\)$"):
        load_encoder(str(folder))


def test_code_in_the_folder_is_never_run(build, tmp_path):
    folder, mark = build("clip"), tmp_path / "ran"
    (folder / "own.py").write_text(f"open({str(mark)!r}, 'w')\nclass Own: ...")
    for name in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
        classes = ("AutoConfig", "AutoModel", "AutoTokenizer", "AutoImageProcessor")
        change(folder / name, auto_map=dict.fromkeys(classes, "own.Own"))
    load_encoder(str(folder)).encode_texts(["no effusion"])
    assert not mark.exists()


def test_a_config_chooses_neither_kernels_nor_the_weights_file(build):
    folder = build("clip")
    own = {"attn_implementation": "lab/kernel", "_attn_implementation": "lab/kernel"}
    change(folder / "config.json", **own, transformers_weights="adapter_model.bin")
    (folder / "adapter_model.bin").write_bytes(b"a pickle")
    encoder = load_encoder(str(folder))
    assert encoder.model.text_model.config._attn_implementation == "sdpa"


def test_quantised_weights_are_refused(build):
    folder = build("clip")
    change(folder / "config.json", quantization_config={"quant_method": "awq"})
    with pytest.raises(InputError, match=r"config\.json: weights are quantised; allowed"):
        load_encoder(str(folder))


@pytest.mark.parametrize(
    ("file", "key", "value"),
    [
        ("tokenizer_config.json", "tokenizer_class", "LlamaTokenizerFast"),
        ("preprocessor_config.json", "image_processor_type", "FuyuImageProcessor"),
    ],
)
def test_a_class_that_is_not_allowed_is_named(build, file, key, value):
    folder = build("clip")
    change(folder / file, **{key: value})
    with pytest.raises(InputError, match=f"{file}: {key} '{value}'; allowed: CLIP"):
        load_encoder(str(folder))


@pytest.mark.parametrize("class_name", ["CLIPTokenizerFast", None])
def test_older_and_unnamed_tokenizers_are_read_by_family(build, class_name):
    folder = build("clip")
    change(folder / "tokenizer_config.json", tokenizer_class=class_name)
    table = load_encoder(str(folder)).token_table("no effusion")
    assert table.strings[1:3] == ("no</w>", "effusion</w>")


def test_the_first_form_of_an_image_processor_is_read(build, images):
    folder = build("clip")
    older = {"image_processor_type": None, "feature_extractor_type": "CLIPFeatureExtractor"}
    change(folder / "preprocessor_config.json", size=16, crop_size=16, **older)
    assert load_encoder(str(folder)).preprocess(images).shape == (5, 3, 16, 16)


def test_an_image_processor_inside_a_processor_is_read(build, images):
    folder = build("siglip")
    nested = (folder / "preprocessor_config.json").read_text()
    (folder / "processor_config.json").write_text(f'{{"image_processor": {nested}}}')
    (folder / "preprocessor_config.json").unlink()
    assert load_encoder(str(folder)).preprocess(images).shape == (5, 3, 16, 16)


def test_an_image_processor_of_another_size_than_the_model_is_refused(build):
    folder = build("siglip")
    change(folder / "preprocessor_config.json", size={"height": 24, "width": 24})
    with pytest.raises(InputError, match="makes 24 x 24 .* its model takes 16 x 16"):
        load_encoder(str(folder))


def test_an_image_processor_that_keeps_proportions_uncropped_is_refused(build):
    folder = build("clip")
    change(folder / "preprocessor_config.json", do_center_crop=False)
    with pytest.raises(InputError, match="makes 16 x .* its model takes 16 x 16"):
        load_encoder(str(folder))


def test_an_unknown_precision_is_refused(build):
    with pytest.raises(InputError, match="dtype 'int8'; allowed: float32, float16, bfloat"):
        load_encoder(str(build("clip")), dtype="int8")


@pytest.mark.parametrize("device", ["cuda:99", "toaster"])
def test_a_device_that_is_not_there_is_refused(build, device):
    with pytest.raises(
        InputError, match=rf"device '{device}' cannot be used here \(.*cpu$"
    ):
        load_encoder(str(build("clip")), device=device)


def test_loading_prints_nothing_and_leaves_the_logging_as_it_was(build, capfd):
    logging.enable_progress_bar()
    before = logging.get_verbosity()
    load_encoder(str(build("siglip")))
    assert capfd.readouterr() == ("", "")
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (before, True)
