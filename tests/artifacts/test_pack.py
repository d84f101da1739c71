"""Finished runs that are packed: what is copied, and what is refused."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from tests.artifacts.made import JOBS, artifact, ask, finish, record, sealed, tree

from negcxr.artifacts.crate import read_crate
from negcxr.artifacts.form import CRATE, RESULTS
from negcxr.artifacts.graph import LATER
from negcxr.artifacts.verify import verify_folder
from negcxr.errors import InputError
from negcxr.packing import pack, pack_weights
from negcxr.results import read_result


def seeds(project, *notebooks, **more):
    """The run web packed as the artifact seeds."""
    return pack(["web"], "seeds", home=project / "artifacts", notebooks=notebooks, **more)


def test_results_tables_and_a_crate_are_packed_and_nothing_else(project):
    packed = seeds(project)
    assert packed == project / "artifacts" / "seeds"
    files = [f"web/{job}.{end}" for job in JOBS for end in ("json", "draws.parquet")]
    assert [*tree(packed)] == sorted([CRATE, "web", *files])
    assert [path.name for path in packed.parent.iterdir()] == ["seeds"]


def test_what_is_packed_verifies_and_says_on_what_it_was_computed(project):
    verified = verify_folder(seeds(project, *JOBS))
    seal = verified.crate.seal
    today = read_result(project / "results" / "web" / "10_tiny.json").provenance
    assert (seal.name, seal.status) == ("seeds", "packed")
    entities = {e["@id"]: e for e in verified.crate.said["@graph"]}
    values = [e for e in entities.values() if e["@type"] == "PropertyValue"]
    assert {"device", "commit", "version of numpy"} <= {e["name"] for e in values}
    assert today.device in [e["value"] for e in values]


def test_the_same_run_packed_twice_is_the_same_zip(project):
    seeds(project, *JOBS, packed=project / "one.zip")
    seeds(project, *JOBS, packed=project / "two.zip")
    assert (project / "one.zip").read_bytes() == (project / "two.zip").read_bytes()


def test_a_table_that_no_result_names_stays_behind(project):
    rows = pd.DataFrame({"patient": ["p1"]})
    rows.to_parquet(project / "results" / "web" / "10_tiny.rows.parquet")
    assert not [*seeds(project).rglob("*.rows.parquet")]


def test_notebooks_are_packed_by_name_without_the_folder_of_this_machine(project):
    packed = seeds(project, "20_con1") / "web"
    assert [path.stem for path in packed.glob("*.ipynb")] == ["20_con1"]
    assert str(project) not in (packed / "20_con1.ipynb").read_text()


def test_the_same_run_anew_takes_the_place_of_its_older_copy(project):
    seeds(project, "20_con1")
    finish(project, "10_tiny", value=2.0)
    packed = seeds(project) / "web"
    assert read_result(packed / "10_tiny.json").scalars["auroc"].value == 2
    assert not [*packed.glob("*.ipynb")]  # it was of the older copy


def test_another_run_is_packed_beside_those_that_are_there(project):
    seeds(project)
    record(project, "clinic", ["10_tiny"])
    finish(project, "10_tiny", run="clinic")
    pack(["clinic"], "seeds", home=project / "artifacts")
    crate = verify_folder(project / "artifacts" / "seeds").crate
    assert {path.split("/")[0] for path in crate.files} == {"web", "clinic"}


@pytest.mark.parametrize(("runs", "status"), [(["web"], "packed"), ([], "sealed later")])
def test_what_was_sealed_later_is_so_until_all_of_its_runs_are_packed(
    project, runs, status
):
    kept = artifact(project / "artifacts", "seeds", web=("10_tiny",), clinic=("10_tiny",))
    sealed(kept, LATER)
    record(project, "clinic", ["10_tiny"])
    finish(project, "10_tiny", run="clinic")
    pack([*runs, "clinic"], "seeds", home=project / "artifacts")
    assert verify_folder(kept).crate.seal.status == status


def test_a_run_that_is_not_finished_is_refused(project):
    (project / "results" / "web" / "20_con1.json").unlink()
    with pytest.raises(InputError, match="not finished; there is no result of 20_con1"):
        seeds(project)
    assert not (project / "artifacts").exists()


def test_a_result_of_other_parameters_than_are_asked_for_is_refused(project):
    finish(project, "20_con1", n_images=40)
    ask(project, "20_con1", checkpoint="weights", n_images=400)
    with pytest.raises(InputError, match="result of 20_con1 is of n_images 40, and 400 is"):
        seeds(project)
    assert not (project / "artifacts").exists()


def test_a_result_that_lacks_a_parameter_that_is_asked_for_is_refused(project):
    ask(project, "20_con1", checkpoint="weights", policy="explicit")
    with pytest.raises(InputError, match="20_con1 is of policy None, and 'explicit' is"):
        seeds(project)


def test_a_run_without_the_parameters_that_were_asked_for_is_refused(project):
    (project / "results" / "web" / "parameters" / "20_con1.json").unlink()
    with pytest.raises(InputError, match="parameters/20_con1.json: is missing; run the st"):
        seeds(project)


def test_a_run_that_is_none_is_refused(project):
    with pytest.raises(InputError, match="results/none: no run of a study lies there"):
        pack(["none"], "seeds", home=project / "artifacts")


def test_a_notebook_that_was_not_executed_is_refused_with_those_that_were(project):
    with pytest.raises(InputError, match="'30_own' was not executed; there are: 10_tiny, "):
        seeds(project, "30_own")


@pytest.mark.parametrize("name", ["..", "a/b", "/seeds", "", "con", ".seeds", "x.weights"])
def test_a_name_that_could_not_be_a_folder_of_results_is_refused(project, name):
    with pytest.raises(InputError, match="name"):
        pack(["web"], name, home=project / "artifacts")


def test_a_folder_of_another_run_is_left_alone(project):
    path = seeds(project) / "web" / "10_tiny.json"
    other = json.loads(path.read_text())
    other["parameters"]["checkpoint"] = "other"
    path.write_text(json.dumps(other))
    with pytest.raises(InputError, match="10_tiny.json is of checkpoint 'other', and the"):
        seeds(project)
    assert json.loads(path.read_text()) == other


def test_what_is_damaged_there_does_not_get_a_hash_of_its_own(project):
    path = seeds(project) / "web" / "10_tiny.json"
    path.write_text(path.read_text().replace('"value": 1.0', '"value": 9.0'))
    record(project, "clinic", ["10_tiny"])
    finish(project, "10_tiny", run="clinic")
    with pytest.raises(InputError, match="web/10_tiny.json: changed; its SHA-256"):
        pack(["clinic"], "seeds", home=project / "artifacts")


def test_a_copy_that_fails_leaves_what_was_there(project, monkeypatch):
    seeds(project)
    before = tree(project / "artifacts")

    def full(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr(shutil, "copy", full)
    with pytest.raises(OSError, match="no space"):
        seeds(project)
    assert tree(project / "artifacts") == before


def test_folders_of_the_machine_go_by_their_last_part(project):
    finish(project, "10_tiny", root="/home/somebody/films", text_root="/data/text")
    for _ in range(2):  # and the same run may be packed once more
        packed = seeds(project) / "web"
    asked = read_result(packed / "10_tiny.json").parameters
    assert (asked["root"], asked["text_root"]) == (".../films", ".../text")


def test_a_result_that_names_no_folder_is_packed_as_it_is(project):
    own = project / "results" / "web" / "20_con1.json"
    assert (seeds(project) / "web" / "20_con1.json").read_bytes() == own.read_bytes()


def test_a_result_whose_words_name_a_folder_of_this_machine_is_refused(project):
    path = project / "results" / "web" / "10_tiny.json"
    result = json.loads(path.read_text())
    result["scalars"]["auroc"]["note"] = f"from {project}/results"
    path.write_text(json.dumps(result))
    with pytest.raises(InputError, match="10_tiny.json: names a folder of this machine"):
        seeds(project)


def test_nothing_in_an_artifact_says_where_or_by_whom_it_was_packed(project):
    packed = seeds(project, *JOBS)
    said = b"".join(path.read_bytes() for path in packed.rglob("*") if path.is_file())
    assert str(project).encode() not in said


def test_a_zip_above_the_limit_is_refused_and_nothing_is_written(project, monkeypatch):
    small = RESULTS._replace(zip_bytes=1000)
    monkeypatch.setattr("negcxr.packing.kind_of", lambda name: small)
    with pytest.raises(InputError, match="MiB, allowed are 0; pack fewer"):
        seeds(project, packed=project / "seeds.zip")
    assert not (project / "seeds.zip").exists()
    assert not [*(project / "artifacts").iterdir()]


def tune(project):
    folder = project / "results" / "web" / "checkpoints" / "con1"
    save_file({"w": np.zeros(2, np.float32)}, folder / "model.safetensors")
    (folder / "training.parquet").write_bytes(b"not wanted")


def test_tuned_weights_go_into_an_artifact_and_a_zip_of_their_own(project):
    tune(project)
    target = project / "seeds.weights.zip"
    folder = pack_weights(["web"], "seeds", home=project / "artifacts", packed=target)
    assert folder.name == "seeds.weights"
    assert {*verify_folder(folder).crate.files} == {
        "web/con1/config.json",
        "web/con1/model.safetensors",
    }
    assert target.is_file()


def test_weights_that_were_not_tuned_are_missed(project):
    with pytest.raises(InputError, match="'web': has tuned no checkpoint"):
        pack_weights(["web"], "seeds", home=project / "artifacts")


def test_weights_that_were_tuned_on_credentialed_data_stay(project):
    tune(project)
    path = project / "results" / "web" / "10_tiny.json"
    result = json.loads(path.read_text())
    result["provenance"]["dataset"] = {
        **{"name": "mimic", "kind": "films", "fingerprint": "a", "n_images": 1},
        **{"n_patients": 1, "terms": "an agreement", "credentialed": True},
    }
    path.write_text(json.dumps(result))
    with pytest.raises(InputError, match="'mimic' is credentialed, and weights"):
        pack_weights(["web"], "seeds", home=project / "artifacts")
    assert not (project / "artifacts").exists()


def test_the_crate_is_one_that_the_library_of_crates_reads(project):
    from rocrate.rocrate import ROCrate

    crate = ROCrate(seeds(project))
    assert crate.metadata["conformsTo"] == "https://w3id.org/ro/crate/1.1"
    assert crate.root_dataset["license"].id == "https://spdx.org/licenses/CC-BY-4.0"
    action = crate.dereference("#web/10_tiny")
    assert action.type == "CreateAction"
    assert action["instrument"]["name"] == "negcxr"
    made = {file.id for file in action["result"]}
    assert made == {"web/10_tiny.json", "web/10_tiny.draws.parquet"}
    assert read_crate(project / "artifacts" / "seeds").digest.startswith("sha256:")
