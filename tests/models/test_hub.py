"""Checkpoints of the hub: from its client's folder, by the network, and by neither."""

import json
import shutil

import httpx2
import huggingface_hub
import pytest
from huggingface_hub import constants, errors
from tests.hub import COMMIT, OTHER, keep

from negcxr import paths
from negcxr.errors import InputError
from negcxr.models import load_encoder
from negcxr.models.checkpoint import resolve
from negcxr.models.hub import PATIENCE, missing

pytestmark = pytest.mark.model  # to build a folder takes a model's shapes
NAME = "lab/model"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty project, and the folder of a hub client that has no network."""
    monkeypatch.setattr(paths, "ROOT", tmp_path / "project")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "home" / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "home"


@pytest.fixture
def answers(home, monkeypatch):
    """Lets the hub answer as a test says, and notes what it was asked."""
    asked = []

    def say(answer):
        def model_info(self, name, *, revision, timeout):
            assert timeout == PATIENCE
            asked.append((name, revision))
            if isinstance(answer, Exception):
                raise answer
            return huggingface_hub.ModelInfo(id=name, sha=answer)

        monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
        return asked

    return say


def refused(kind):
    """An error of the hub as its client makes it."""
    request = httpx2.Request("GET", "https://huggingface.co/api/models/lab/model")
    return kind("no\nand a long story", response=httpx2.Response(403, request=request))


def lock():
    return json.loads((paths.ROOT / "checkpoints" / "hub.lock.json").read_text())


@pytest.mark.parametrize("asked", [NAME, f"{NAME}@{COMMIT}"])
def test_what_is_kept_here_is_read_without_network(home, build, asked):
    folder = keep(home, NAME, build("siglip"))
    found = resolve(asked)
    assert (found.name, found.folder, found.family) == (NAME, folder, "siglip")
    assert found.revision == COMMIT


def test_it_is_the_same_checkpoint_as_the_folder_that_it_was(home, build):
    source = build("clip")
    keep(home, NAME, source)
    assert resolve(NAME).fingerprint == resolve(str(source)).fingerprint


def test_an_encoder_of_the_hub_gives_the_rows_of_its_folder(home, build):
    source = build("clip")
    keep(home, NAME, source)
    here, there = load_encoder(NAME), load_encoder(str(source))
    texts = ["no pleural effusion"]
    assert (here.encode_texts(texts) == there.encode_texts(texts)).all()


def test_the_first_use_writes_down_revision_and_hashes(home, build):
    folder = keep(home, NAME, build("clip"))
    resolve(NAME)
    weights = {"model.safetensors": (folder / "model.safetensors").resolve().name}
    assert lock() == {NAME: {"revision": COMMIT, "weights": weights}}


SHARDS = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]


@pytest.fixture
def sharded(build):
    """A folder whose weights lie in two files, as an index says."""
    source = build("clip")
    for name in SHARDS:
        shutil.copy(source / "model.safetensors", source / name)
    (source / "model.safetensors").unlink()
    index = {"weight_map": {"logit_scale": SHARDS[0], "logit_bias": SHARDS[1]}}
    (source / "model.safetensors.index.json").write_text(json.dumps(index))
    return source


def test_weights_in_shards_are_written_down_each(home, sharded):
    keep(home, NAME, sharded)
    resolve(NAME)
    assert sorted(lock()[NAME]["weights"]) == SHARDS


@pytest.mark.parametrize("asked", [NAME, f"{NAME}@{COMMIT}"])
@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("config.json", "config.json"),
        ("preprocessor_config.json", "preprocessor_config.json or processor_config.json"),
        (
            "spiece.model",
            "tokenizer.json or vocab.json or vocab.txt or spiece.model or tokenizer.model",
        ),
        ("model.safetensors", "model.safetensors or model.safetensors.index.json"),
    ],
)
def test_without_network_a_download_that_broke_off_is_told_by_the_file_it_lacks(
    home, build, lost, said, asked
):
    (keep(home, NAME, build("siglip")) / lost).unlink()
    with pytest.raises(InputError) as told:
        resolve(asked)
    begin = (
        f"checkpoint lab/model: only in part here: {said} is missing, and the hub cannot"
    )
    assert str(told.value).startswith(begin)
    assert "; on a machine with network: hf download lab/model" in str(told.value)


@pytest.mark.parametrize("asked", [NAME, f"{NAME}@{COMMIT}"])
@pytest.mark.parametrize("lost", SHARDS)
def test_every_shard_that_the_index_names_must_be_here(home, sharded, lost, asked):
    (keep(home, NAME, sharded) / lost).unlink()
    with pytest.raises(InputError, match=f"only in part here: {lost} is missing, and the"):
        resolve(asked)


def test_a_vocabulary_in_two_files_is_whole_with_both(tmp_path):
    (tmp_path / "vocab.json").write_text("{}")
    assert missing(tmp_path, [("tokenizer.json", "vocab.json")]) == "merges.txt"
    (tmp_path / "merges.txt").write_text("")
    assert missing(tmp_path, [("tokenizer.json", "vocab.json")]) == ""


def test_a_download_that_broke_off_is_finished_where_there_is_a_network(
    home, build, answers, monkeypatch
):
    source = build("clip")
    folder, fetched = keep(home, NAME, source), []
    (folder / "model.safetensors").unlink()

    def fetch(name, *, revision, allow_patterns, local_files_only=False):
        fetched.append(local_files_only)
        if not local_files_only:
            shutil.copy(source / "model.safetensors", folder)
        return str(folder)

    answers(COMMIT)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    assert resolve(f"{NAME}@{COMMIT}").fingerprint == resolve(str(source)).fingerprint
    assert fetched == [True, False]


def test_a_name_stays_at_the_revision_that_was_used_first(home, build):
    first = keep(home, NAME, build("clip"))
    resolve(NAME)
    keep(home, NAME, build("siglip"), OTHER)  # is main from now on
    assert resolve(NAME).folder == first


def test_another_revision_than_the_one_kept_is_refused(home, build):
    keep(home, NAME, build("clip"))
    resolve(NAME)
    keep(home, NAME, build("siglip"), OTHER)
    line = (
        f"lab/model: revision {OTHER} is asked for, but .*hub.lock.json keeps revision "
        f'{COMMIT}; to change what is measured, delete the entry "lab/model" there'
    )
    with pytest.raises(InputError, match=line):
        resolve(f"{NAME}@{OTHER}")


def test_weights_that_changed_under_their_revision_are_refused(home, build):
    folder = keep(home, NAME, build("clip"))
    kept = (folder / "model.safetensors").resolve()
    resolve(NAME)
    kept.write_bytes(kept.read_bytes() + b"\0")
    line = f"model.safetensors has SHA-256 [0-9a-f]*, but .* keeps SHA-256 {kept.name}; to"
    with pytest.raises(InputError, match=line):
        resolve(NAME)


def test_once_the_entry_is_deleted_the_newest_is_taken(home, build):
    keep(home, NAME, build("clip"))
    resolve(NAME)
    newest = keep(home, NAME, build("siglip"), OTHER)
    (paths.ROOT / "checkpoints" / "hub.lock.json").write_text("{}")
    assert resolve(NAME).folder == newest


def test_without_network_it_is_told_how_to_bring_the_files(home):
    with pytest.raises(InputError) as told:
        resolve(NAME)
    assert str(told.value) == (
        "checkpoint lab/model: not here, and the hub cannot be asked (HF_HUB_OFFLINE is "
        "set); on a machine with network: hf download lab/model --local-dir "
        "checkpoints/model, then bring that folder here and give it by --checkpoint "
        "checkpoints/model"
    )


def test_a_revision_is_brought_by_its_number(home):
    with pytest.raises(InputError, match=f"lab/model --revision {COMMIT} --local-dir"):
        resolve(f"{NAME}@{COMMIT}")


def test_the_revision_that_is_kept_is_the_one_to_bring(home, build):
    keep(home, NAME, build("clip"))
    resolve(NAME)
    shutil.rmtree(home)
    with pytest.raises(InputError, match=f"--revision {COMMIT} --local-dir"):
        resolve(NAME)


def test_terms_that_must_be_accepted_are_named_before_the_download(home):
    line = r"\(accept the terms at https://huggingface.co/google/medsiglip-448 first\): hf"
    with pytest.raises(InputError, match=line):
        resolve("google/medsiglip-448")


def test_a_network_that_is_not_there_is_asked_once_and_shortly(answers, monkeypatch):
    asked = answers(httpx2.ConnectError("no such host\nand a long story"))
    downloads = []
    real = huggingface_hub.snapshot_download

    def download(*args, **how):  # by itself it tries for half a minute
        downloads.append(how)
        return real(*args, **how)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(InputError, match=r"cannot be asked \(no such host\); on a machine"):
        resolve(NAME)
    assert asked == [(NAME, None)]
    assert [how.get("local_files_only") for how in downloads] == [True]


def test_the_client_is_told_how_long_to_wait_for_the_hubs_answer(home, monkeypatch):
    told = []

    def get(self, path, **how):
        told.append(how["timeout"])
        raise httpx2.ConnectError("no such host")

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(httpx2.Client, "get", get)
    with pytest.raises(InputError, match=r"cannot be asked \(no such host\)"):
        resolve(NAME)
    assert told == [PATIENCE]


def test_a_network_that_is_not_there_does_not_matter_for_what_is_here(home, build, answers):
    answers(httpx2.ConnectError("no such host"))
    keep(home, NAME, build("clip"))
    assert resolve(NAME).revision == COMMIT


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            errors.GatedRepoError,
            "its terms are not accepted yet; accept them at https://huggingface.co/lab/mod"
            "el, then say who you are by: hf auth login",
        ),
        (errors.RepositoryNotFoundError, "the hub has none of this name that is open to "),
        (errors.RevisionNotFoundError, f"the hub has no revision {COMMIT} of it"),
        (errors.HfHubHTTPError, r"the hub cannot be asked \(no\); on a machine"),
    ],
)
def test_what_the_hub_refuses_is_told_in_one_line(answers, kind, line):
    answers(refused(kind))
    with pytest.raises(InputError, match=line) as told:
        resolve(f"{NAME}@{COMMIT}")
    assert "\n" not in str(told.value)


def test_a_name_that_no_hub_could_have_is_told_so():
    with pytest.raises(InputError, match="the hub has none of this name"):
        resolve("lab--x/..model")


def test_the_newest_revision_is_asked_for_once(home, build, answers, monkeypatch):
    asked, folder = answers(COMMIT), keep(home, NAME, build("clip"))
    fetched = []

    def fetch(name, *, revision, allow_patterns, local_files_only=False):
        fetched.append((revision, local_files_only, "*" in allow_patterns))
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    resolve(NAME)
    resolve(NAME)
    assert asked == [(NAME, None)]
    assert fetched == [(COMMIT, False, False), (COMMIT, True, False)]
