"""What counts as a checkpoint: folders, names, and each refusal in one line."""

import re
import shutil

import pytest
from tests.checkpoints import change

from negcxr import paths
from negcxr.errors import InputError
from negcxr.models.checkpoint import resolve

pytestmark = pytest.mark.model  # to build a folder takes a model's shapes


def test_a_folder_is_known_by_its_name_and_model_type(build):
    found = resolve(str(build("siglip")))
    assert (found.name, found.family, found.revision) == ("siglip", "siglip", "")


def test_a_relative_folder_is_taken_from_the_projects_root(build, monkeypatch):
    folder = build("clip")
    monkeypatch.setattr(paths, "ROOT", folder.parent)
    assert resolve("clip").folder == folder


def test_a_copy_has_the_same_fingerprint(build, tmp_path):
    folder = build("clip")
    copy = shutil.copytree(folder, tmp_path / "another_name")
    assert resolve(str(copy)).fingerprint == resolve(str(folder)).fingerprint


@pytest.mark.parametrize(
    "name",
    [
        *("config.json", "model.safetensors", "preprocessor_config.json"),
        *("vocab.json", "merges.txt", "tokenizer_config.json"),
    ],
)
def test_one_changed_byte_of_what_matters_moves_the_fingerprint(build, name):
    folder = build("clip")
    before = resolve(str(folder)).fingerprint
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content + b"\n")
    assert resolve(str(folder)).fingerprint != before


def test_what_does_not_matter_leaves_the_fingerprint(build):
    folder = build("clip")
    before = resolve(str(folder)).fingerprint
    (folder / "README.md").write_text("a card")
    (folder / "training_args.bin").write_bytes(b"never opened")
    assert resolve(str(folder)).fingerprint == before


def test_weights_in_shards_are_found_by_their_index(build):
    folder = build("clip")
    shard = "model-00001-of-00001.safetensors"
    (folder / "model.safetensors").rename(folder / shard)
    index = folder / "model.safetensors.index.json"
    index.write_text(f'{{"weight_map": {{"logit_scale": "{shard}"}}}}')
    assert resolve(str(folder)).family == "clip"
    (folder / shard).unlink()
    with pytest.raises(InputError, match=f"index.json: names '{shard}', which is not"):
        resolve(str(folder))


@pytest.mark.parametrize("outside", ["../model-1-of-1.safetensors", "weights.bin"])
def test_an_index_names_no_other_files(build, outside):
    folder = build("clip")
    (folder / "model.safetensors").unlink()
    (folder.parent / "model-1-of-1.safetensors").touch()
    (folder / "weights.bin").touch()
    index = folder / "model.safetensors.index.json"
    index.write_text(f'{{"weight_map": {{"logit_scale": "{outside}"}}}}')
    with pytest.raises(InputError, match="which is not among the folder's model-"):
        resolve(str(folder))


@pytest.mark.parametrize("kind", ["siglip2", "blip", None, 7])
def test_another_model_type_is_refused_with_those_allowed(build, kind):
    folder = build("clip")
    change(folder / "config.json", model_type=kind)
    line = f"config.json: model_type {kind!r}; allowed: clip, siglip"
    with pytest.raises(InputError, match=re.escape(line)):
        resolve(str(folder))


def test_weights_in_a_pickle_alone_are_refused(build):
    folder = build("clip")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"only as pytorch_model\.bin, a pickle.*allowed"):
        resolve(str(folder))


@pytest.mark.parametrize(
    ("gone", "line"),
    [
        ("config.json", "no config.json; a checkpoint folder holds config.json, model"),
        ("model.safetensors", "no model.safetensors; a checkpoint folder holds config"),
        ("preprocessor_config.json", "no image processor; allowed: preprocessor_config"),
        ("vocab.json", "no tokenizer; allowed: tokenizer.json or vocab.json or vocab.txt"),
    ],
)
def test_a_missing_file_is_named(build, gone, line):
    folder = build("clip")
    (folder / gone).unlink()
    with pytest.raises(InputError, match=re.escape(f"{folder}: {line}")):
        resolve(str(folder))


def test_an_adapter_is_refused(build):
    folder = build("clip")
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(InputError, match="holds an adapter .* merge it into the weights"):
        resolve(str(folder))


@pytest.mark.parametrize("content", ["{", "[]", "\x00"])
def test_a_broken_config_is_named(build, content):
    folder = build("clip")
    (folder / "config.json").write_text(content)
    with pytest.raises(InputError, match=r"config\.json: "):
        resolve(str(folder))


@pytest.mark.parametrize("name", ["lab/model@", "lab/model@main", "lab/model@0123456"])
def test_a_revision_of_the_hub_is_a_full_commit(name):
    line = "allowed: .*, or a name on the hub, org/name or org/name@<commit of 40 hexadec"
    with pytest.raises(InputError, match=line):
        resolve(name)


def test_a_path_that_is_mistyped_is_no_name_on_the_hub():
    with pytest.raises(InputError, match="'checkpoints/fantom': .*/fantom is no folder; "):
        resolve("checkpoints/fantom")


def test_anything_else_is_told_what_a_folder_must_hold():
    with pytest.raises(InputError, match="is no folder; allowed: a folder that holds conf"):
        resolve("/no/such/place")
