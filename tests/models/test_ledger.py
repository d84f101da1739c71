"""The ledger: every pair has a line, every line a source, and records are followed."""

import hashlib
import json
from typing import get_args

import pytest
import yaml

from negcxr import paths
from negcxr.data.about import Published
from negcxr.data.registry import DATASETS
from negcxr.errors import InputError
from negcxr.models import ledger as module
from negcxr.models.catalogue import entries
from negcxr.models.hub_lock import Pin
from negcxr.models.ledger import FILE, Exposure, exposure, ledger, names, read_ledger
from negcxr.models.lineage import data_of, record_of

STANFORD = "StanfordAIMI/XrayCLIP__vit-b-16__laion2b-s34b-b88k"
OWN = ("phantoms", "nih", "folder")
FILMS = ("mimic", "chexpert", "openi", "vindr", "padchest", "chexpert-plus")
CATALOGUE = tuple(entry.id for entry in entries())


@pytest.mark.parametrize("dataset", sorted({*OWN, *FILMS, *DATASETS}))
@pytest.mark.parametrize("checkpoint", CATALOGUE)
def test_every_checkpoint_of_the_catalogue_has_a_line_for_every_data_set(
    checkpoint, dataset
):
    assert checkpoint in names()
    found = exposure(checkpoint, dataset)
    assert found != exposure("somebody/renamed", dataset)
    if dataset != "folder":  # of which only its owner can know
        assert found.source == found.source.strip() != ""


def test_an_owner_may_name_the_published_data_sets_of_the_ledger():
    assert {*get_args(Published)} == {*ledger().data_sets} - {"phantoms", "folder"}


@pytest.mark.parametrize(
    ("dataset", "state"),
    [
        ("mimic", "seen"),
        ("chexpert", "seen"),
        ("openi", "not listed"),
        ("vindr", "not listed"),
        ("nih", "not listed"),
        ("folder", "unknown"),
        ("padchest", "seen"),
        ("chexpert-plus", "seen"),
    ],
)
def test_what_the_readme_of_chexpert_plus_says(dataset, state):
    assert exposure(STANFORD, dataset).state == state


@pytest.mark.parametrize(
    ("checkpoint", "dataset", "state"),
    [
        ("google/medsiglip-448", "mimic", "seen"),
        ("google/medsiglip-448", "nih", "unknown"),
        ("openai/clip-vit-base-patch32", "nih", "unknown"),
        ("google/siglip2-base-patch16-224", "openi", "unknown"),
        ("flaviagiammarino/pubmed-clip-vit-base-patch32", "mimic", "unknown"),
        ("phantom-minilm", "phantoms", "seen"),
    ],
)
def test_what_other_sources_say(checkpoint, dataset, state):
    assert exposure(checkpoint, dataset).state == state


def test_another_owners_checkpoint_of_the_same_last_part_is_another_one():
    found = exposure("someuser/pubmed-clip-vit-base-patch32", "nih")
    assert "no checkpoint of this name" in found.note
    named = exposure(f"someuser/{STANFORD.split('/')[1]}@{'0' * 40}", "mimic")
    assert "no checkpoint of this name" in named.note


def test_a_folder_of_two_parts_is_known_by_its_last(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    (tmp_path / "mine" / STANFORD.split("/")[1]).mkdir(parents=True)
    assert exposure(f"mine/{STANFORD.split('/')[1]}", "mimic").state == "seen"


@pytest.mark.parametrize("name", ["con1@best", "user@lab/con1", f"con1@{'0' * 40}"])
def test_a_record_in_a_folder_with_an_at_in_its_name_is_followed(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    tuned(tmp_path / name, base=STANFORD, dataset="nih")
    assert exposure(str(tmp_path / name), "nih").split == "train"


def test_a_folder_named_after_a_checkpoint_and_more_is_not_that_checkpoint(tmp_path):
    (tmp_path / "phantom-web@best").mkdir()
    found = exposure(str(tmp_path / "phantom-web@best"), "phantoms")
    assert "no checkpoint of this name" in found.note


@pytest.mark.parametrize(
    "name", [STANFORD, f"{STANFORD}@{'0' * 40}", STANFORD.split("/")[1], "/x/" + STANFORD]
)
def test_an_id_is_known_with_its_revision_and_as_a_folder(name):
    assert exposure(name, "mimic").state == "seen"


def test_a_renamed_folder_is_unknown_and_says_why():
    found = exposure("my/renamed", "mimic")
    assert (found.state, found.source) == ("unknown", "")
    assert "renamed folder is not known" in found.note


def test_a_renamed_folder_is_known_by_weights_that_the_hubs_lock_keeps(
    tmp_path, monkeypatch
):
    folder = tmp_path / "renamed"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    pin = Pin(revision="0" * 40, weights={"model.safetensors": sha256(b"weights")})
    monkeypatch.setattr(module, "pins", lambda: {STANFORD: pin})
    assert exposure(str(folder), "mimic") == exposure(STANFORD, "mimic")
    (folder / "model.safetensors").write_bytes(b"others")
    assert exposure(str(folder), "mimic").state == "unknown"


def test_nothing_is_hashed_where_no_weights_are_kept(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    monkeypatch.setattr(module, "pins", dict)
    hashed = []
    monkeypatch.setattr(module, "file_hash", hashed.append)
    assert exposure(str(tmp_path), "mimic").state == "unknown"
    assert hashed == []


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_a_data_set_that_the_ledger_lacks_is_unknown():
    assert exposure(STANFORD, "another").state == "unknown"


@pytest.mark.parametrize("checkpoint", names())
def test_the_same_films_are_in_the_same_state_by_either_name(checkpoint):
    assert (
        exposure(checkpoint, "chexpert").state
        == exposure(checkpoint, "chexpert-plus").state
    )


@pytest.mark.parametrize("dataset", [*FILMS, "nih"])
@pytest.mark.parametrize("entry", [e for e in entries() if e.base], ids=lambda e: e.name)
def test_no_model_is_cleaner_than_its_base_unless_its_line_says_so(entry, dataset):
    order = ("seen", "unknown", "not listed")  # from what is known to be dirty
    known = entry.base in names()
    base = exposure(entry.base, dataset).state if known else "unknown"
    found = exposure(entry.id, dataset)
    if order.index(found.state) > order.index(base):
        assert base == "unknown"
        assert "; began with weights of" in found.note


def test_two_bases_are_told_with_what_is_not_known_of_them():
    assert exposure("flaviagiammarino/pubmed-clip-vit-base-patch32", "nih").note == (
        "ROCO lists figures of articles, which may show images of any archive; began with "
        "OpenAI CLIP's weights, whose images are not listed"
    )
    assert exposure(STANFORD, "nih").note == (
        "lists MIMIC-CXR, CheXpert Plus, PadChest, BIMCV and CANDID-PTX; began with "
        "weights of WebLI or LAION-2B, images of the web that are not listed there"
    )


def owned(root, data_set):
    """A folder of images whose owner says which data set it holds."""
    root.mkdir()
    (root / "about.yml").write_text(f"data_set: {data_set}\n")
    return str(root)


@pytest.mark.parametrize("data_set", ["padchest", "chexpert-plus", "openi"])
def test_a_folder_is_the_data_set_that_its_owner_names(tmp_path, data_set):
    root = owned(tmp_path / "films", data_set)
    assert exposure(STANFORD, "folder", root) == exposure(STANFORD, data_set)


def test_a_folder_is_looked_up_from_the_project(tmp_path, monkeypatch):
    owned(tmp_path / "films", "padchest")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    assert exposure(STANFORD, "folder", "films").state == "seen"


@pytest.mark.parametrize(
    ("split", "tainted"), [("train", True), ("all", True), ("test", False), ("", True)]
)
def test_phantoms_were_seen_of_the_training_split_alone(split, tainted):
    found = exposure("checkpoints/phantom-web", "phantoms")
    assert (found.state, found.split) == ("seen", "train")
    assert found.taints(split) == tainted


@pytest.mark.parametrize("split", ["train", "test", "all", ""])
def test_where_the_split_that_was_seen_is_unknown_every_split_is_tainted(split):
    assert exposure(STANFORD, "mimic").taints(split)


@pytest.mark.parametrize("dataset", ["nih", "openi"])
def test_what_was_not_seen_taints_nothing(dataset):
    assert not exposure(STANFORD, dataset).taints("test")


def tuned(folder, *, base, dataset, root="", made=None, data_set=""):
    """The record of a fine-tuning, as the trainer leaves it."""
    folder.mkdir()
    record = {
        "base": {"name": base, "fingerprint": "ab", **({"made": made} if made else {})},
        "data": {"dataset": dataset, "root": root, "policy": ""},
    }
    record["data"] |= {"data_set": data_set} if data_set else {}
    (folder / "method.json").write_text(json.dumps(record))
    return folder


def test_a_fine_tuned_checkpoint_has_seen_what_it_was_tuned_on(tmp_path):
    folder = tuned(tmp_path / "con1", base="phantom-web", dataset="nih", root="films")
    found = exposure(str(folder), "nih", "/data/films")
    assert (found.state, found.split) == ("seen", "train")
    assert found.source == "method.json beside its weights"
    assert found.note == "its base: not listed (it was trained on phantoms alone)"


def test_what_began_with_random_weights_says_so(tmp_path):
    (tmp_path / "recipe.json").write_text("{}")
    assert exposure(str(tmp_path), "phantoms").note == "it began with random weights"


def test_a_base_that_saw_one_split_is_told_of(tmp_path):
    folder = tuned(tmp_path / "con1", base="phantom-web", dataset="phantoms")
    assert exposure(str(folder), "phantoms").note == (
        "its base: seen (phantoms of the same renderer; those of the splits val and test "
        "are others)"
    )


def test_a_fine_tuned_checkpoint_has_seen_what_its_base_has(tmp_path):
    folder = str(tuned(tmp_path / "con1", base=STANFORD.split("/")[1], dataset="nih"))
    assert exposure(folder, "mimic") == exposure(STANFORD, "mimic")
    assert exposure(folder, "openi").state == "not listed"


def test_tuning_on_one_split_clears_none_of_what_the_base_saw(tmp_path):
    folder = tuned(tmp_path / "con1", base=STANFORD, dataset="mimic")
    assert exposure(str(folder), "mimic").taints("test")


def test_a_record_of_a_record_is_followed(tmp_path):
    first = tuned(tmp_path / "first", base="phantom-web", dataset="nih")
    second = tuned(
        tmp_path / "second", base="first", dataset="phantoms", **record_of(first)
    )
    states = {name: exposure(str(second), name).state for name in (*OWN, *FILMS)}
    seen = {name for name, state in states.items() if state == "seen"}
    assert seen == {"nih", "phantoms"}
    assert states["mimic"] == "not listed"


def test_one_folder_of_images_is_told_from_another(tmp_path):
    folder = tuned(tmp_path / "con1", base=STANFORD, dataset="folder", root="ours")
    assert exposure(str(folder), "folder", "/data/ours").state == "seen"
    assert exposure(str(folder), "folder", "/data/theirs").state == "unknown"


def test_a_folder_of_a_named_data_set_was_trained_on_wherever_it_lies(tmp_path):
    films = owned(tmp_path / "here", "padchest")
    moved, other = owned(tmp_path / "there", "padchest"), owned(tmp_path / "cp", "openi")
    folder = tuned(
        tmp_path / "con1", base="phantom-web", dataset="folder", **data_of("folder", films)
    )
    for root in (films, moved):
        assert exposure(str(folder), "folder", root).split == "train"
    assert exposure(str(folder), "padchest").state == "seen"
    assert exposure(str(folder), "folder", other).state == "not listed"


def test_whoever_was_tuned_on_chexpert_has_seen_a_folder_of_chexpert_plus(tmp_path):
    films = owned(tmp_path / "films", "chexpert-plus")
    folder = tuned(tmp_path / "con1", base="phantom-web", dataset="chexpert")
    assert exposure(str(folder), "folder", films).state == "seen"
    assert exposure(str(folder), "openi").state == "not listed"


def test_a_record_says_what_a_folder_holds_and_not_where_it_lies(tmp_path):
    assert data_of("folder", owned(tmp_path / "films", "padchest")) == {
        "root": "films",
        "data_set": "padchest",
    }
    assert data_of("nih", "/data/nih") == {"root": "nih"}


def test_a_base_without_a_record_carries_none(tmp_path):
    assert record_of(tmp_path) == {}


def test_a_record_that_is_none_is_refused_by_name(tmp_path):
    (tmp_path / "method.json").write_text('{"base": {}}')
    with pytest.raises(InputError, match="method.json: no record of a fine-tuning"):
        exposure(str(tmp_path), "nih")


def test_the_embedded_checkpoints_say_the_same_by_record_and_by_name(tmp_path):
    for name in ("phantom-web", "phantom-clinic"):
        for dataset in ("phantoms", "nih", "mimic"):
            by_record = exposure(f"checkpoints/{name}", dataset)
            by_name = exposure(name, dataset)
            assert by_record.state == by_name.state
            assert by_record.split == by_name.split


def change(tmp_path, edit):
    known = yaml.safe_load(FILE.read_text())
    edit(known)
    path = tmp_path / "ledger.yml"
    path.write_text(yaml.safe_dump(known))
    return path


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda k: k["checkpoints"][0]["lines"].pop("nih"), "a line too many or few"),
        (lambda k: k["checkpoints"][0]["lines"].update(x=k["lines"]["own"]), "too many"),
        (lambda k: k["checkpoints"][0]["lines"]["nih"].update(state="clean"), "state"),
        (lambda k: k["checkpoints"][0]["lines"]["nih"].pop("source"), "has no source"),
        (lambda k: k["checkpoints"][0]["lines"]["nih"].update(split="train"), "of the"),
        (lambda k: k["checkpoints"][0].update(more=1), "more"),
        (lambda k: k["checkpoints"][0]["ids"].append("phantom-web"), "twice"),
        (lambda k: k.update(more=1), "more"),
    ],
)
def test_a_ledger_with_a_fault_is_refused_by_name(tmp_path, edit, said):
    path = change(tmp_path, edit)
    with pytest.raises(InputError, match=f"ledger.yml: .*{said}"):
        read_ledger(path)


def test_the_ledger_of_the_package_is_read_once():
    assert ledger() is ledger()


def test_an_unknown_line_needs_a_reason():
    with pytest.raises(ValueError, match="neither a source nor a note"):
        Exposure(state="unknown")
