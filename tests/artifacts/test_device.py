"""The name of an artifact: what it says of the device, its results say too."""

import json
from datetime import date

import pytest
from tests.artifacts import made
from tests.artifacts.made import finish

from negcxr.artifacts.add import add
from negcxr.artifacts.sealing import seal_folder
from negcxr.artifacts.verify import verify_folder
from negcxr.errors import InputError
from negcxr.packing import pack, pack_weights


def run_on(folder, driver="", **asked):
    """The run web of one job on some device, in an artifact's folder without a crate."""
    made.write_run(folder, "web", "10_tiny", **asked)
    path = folder / "web" / "10_tiny.json"
    fields = json.loads(path.read_text())
    fields["provenance"]["driver"] = driver
    path.write_text(json.dumps(fields))
    return folder


ON_CPU = ({"device": "cpu"}, {"device": "cpu:0"})
ON_GPU = (
    {"device": "cuda"},
    {"device": "cuda:1", "driver": "NVIDIA 550.54, CUDA 12.8"},
    {"device": "mps"},
    {"driver": "CUDA 12.8"},
)
OF_NONE = ({},)  # a comparison takes no device


@pytest.mark.parametrize(
    ("name", "on"),
    [
        *(("gpu-own", on) for on in (*ON_GPU, *OF_NONE)),
        *(("cpu-own", on) for on in (*ON_CPU, *OF_NONE)),
        *(("own", on) for on in (*ON_GPU, *ON_CPU, *OF_NONE)),
    ],
)
def test_a_name_that_says_the_device_of_its_results_is_sealed_and_verifies(
    tmp_path, name, on
):
    assert verify_folder(made.sealed(run_on(tmp_path / name, **on))).crate.seal.name == name


@pytest.mark.parametrize(
    ("name", "on", "said"),
    [
        *(("gpu-own", on, "is that of runs computed on a GPU") for on in ON_CPU),
        *(("cpu-own", on, "is that of runs not computed on a GPU") for on in ON_GPU),
    ],
)
def test_a_name_that_says_another_device_is_not_sealed(tmp_path, name, on, said):
    with pytest.raises(InputError, match=f"{name}/web/10_tiny.json: was .*{said}"):
        seal_folder(run_on(tmp_path / name, **on), date(2026, 5, 6))


def test_one_result_of_another_device_among_others_is_enough(tmp_path):
    folder = run_on(tmp_path / "gpu-own", device="cuda")
    made.write_run(folder, "web", "11_own", device="cpu")
    with pytest.raises(InputError, match="web/11_own.json: was computed on 'a processor'"):
        made.sealed(folder)


def test_an_artifact_that_somebody_sealed_so_is_neither_verified_nor_added(
    tmp_path, monkeypatch
):
    folder = run_on(tmp_path / "gpu-own", device="cpu")
    with monkeypatch.context() as patch:
        patch.setattr("negcxr.artifacts.sealing.require_device", lambda name, results: None)
        made.sealed(folder)
    for look in (verify_folder, lambda folder: add(folder, tmp_path / "home")):
        with pytest.raises(InputError, match="'gpu-' is that of runs computed on a GPU"):
            look(folder)
    assert not (tmp_path / "home" / "gpu-own").exists()


def test_runs_of_a_processor_are_not_packed_under_the_name_of_a_gpu(project):
    finish(project, "20_con1", device="cpu")
    with pytest.raises(InputError, match="gpu-own/web/20_con1.json: was computed on "):
        pack(["web"], "gpu-own", home=project / "artifacts")
    assert not (project / "artifacts" / "gpu-own").exists()
    assert pack(["web"], "cpu-own", home=project / "artifacts").is_dir()


def test_weights_tuned_on_a_processor_are_not_packed_under_the_name_of_a_gpu(project):
    finish(project, "20_con1", device="cpu")
    weights = project / "results" / "web" / "checkpoints" / "con1" / "model.safetensors"
    weights.write_bytes(b"")
    with pytest.raises(InputError, match="gpu-own/web/20_con1.json: was computed on "):
        pack_weights(["web"], "gpu-own", home=project / "artifacts")
    assert not (project / "artifacts").exists()
