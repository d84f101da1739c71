"""Results: what is written is what is read, and what cannot be kept is refused."""

import errno
import json
import sys
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

import jsonschema
import numpy as np
import pandas as pd
import pytest

from negcxr import machine, provenance, results
from negcxr.errors import InputError
from negcxr.results import Estimate, read_result, read_table, write_result
from negcxr.runs import write_whole
from negcxr.schema import SCHEMA_FILE, Result, schema_text

NAN = float("nan")
AUROC = Estimate(value=0.75, low=0.6, high=0.9, n=40, prevalence=0.25, chance=0.5)
ROWS = pd.DataFrame({"query": ["edema", "no edema"], "auroc": [0.8, 0.3]})
PARAMETERS = {"checkpoint": "weights", "n_images": 40, "alpha": 1.0, "seed": 7}


@dataclass
class Images:
    name: str = "tiny"
    kind: str = "images"
    terms: str = "none, made up"
    table: pd.DataFrame = None
    credentialed: bool = False

    def fingerprint(self):
        return "d" * 64

    def __len__(self):
        return len(self.table)


def encoder():
    named = {"name": "weights", "family": "clip", "fingerprint": "c" * 64}
    return SimpleNamespace(checkpoint=SimpleNamespace(**named, revision="d" * 40))


def write(folder, **changes):
    given = {
        "parameters": PARAMETERS,
        "scalars": {"auroc": AUROC},
        "tables": {"queries": ROWS},
        "started": results.now() - timedelta(seconds=2),
        **changes,
    }
    return write_result(folder, "10_tiny", **given)


def test_numbers_come_back_as_they_were_written(tmp_path):
    assert read_result(write(tmp_path / "run")).scalars == {"auroc": AUROC}


def test_parameters_keep_their_types(tmp_path):
    read = read_result(write(tmp_path / "run", parameters=PARAMETERS | {"on": True}))
    assert [type(v) for v in read.parameters.values()] == [str, int, float, int, bool]


def test_tables_come_back_as_they_were_written(tmp_path):
    pd.testing.assert_frame_equal(read_table(write(tmp_path / "run"), "queries"), ROWS)


def test_the_run_is_named_by_its_folder(tmp_path):
    assert read_result(write(tmp_path / "clinic")).run == "clinic"


def test_a_number_that_could_not_be_had_is_null_with_its_reason(tmp_path):
    none = Estimate(value=NAN, low=NAN, high=NAN, n=3, note="fewer than 10 images")
    path = write(tmp_path / "run", scalars={"auroc": none})
    assert json.loads(path.read_text())["scalars"]["auroc"]["value"] is None


@pytest.mark.parametrize("missing", [NAN, np.float32("nan"), None])
def test_a_missing_number_without_a_reason_is_refused(missing):
    with pytest.raises(ValueError, match="value is not a number and no note says why"):
        Estimate(value=missing, n=3)


def test_a_missing_end_of_an_interval_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="low is not a number and no note says why"):
        Estimate(value=0.5, low=NAN, high=0.6, n=3)


def test_infinity_is_refused_whatever_the_note_says():
    with pytest.raises(ValueError, match="infinity"):
        Estimate(value=float("inf"), n=3, note="too large")


def test_a_parameter_that_json_cannot_hold_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="result of 10_tiny: parameters.checkpoint"):
        write(tmp_path / "run", parameters={"checkpoint": tmp_path})


def test_nothing_is_left_behind_where_a_result_is_refused(tmp_path):
    with pytest.raises(InputError):
        write(tmp_path / "run", parameters={"checkpoint": tmp_path})
    assert not (tmp_path / "run").exists()


def test_the_record_says_which_weights_and_which_images(tmp_path):
    images = Images(table=pd.DataFrame({"patient": ["ann", "bob", "ann"]}))
    path = write(tmp_path / "run", encoder=encoder(), dataset=images, policy="explicit")
    made_by = read_result(path).provenance
    assert made_by.checkpoint.fingerprint == "c" * 64
    assert made_by.checkpoint.revision == "d" * 40
    assert (made_by.dataset.n_images, made_by.dataset.n_patients) == (3, 2)
    assert (made_by.policy, made_by.seed) == ("explicit", 7)


def test_the_record_says_how_long_the_notebook_took(tmp_path):
    assert read_result(write(tmp_path / "run")).provenance.seconds == pytest.approx(
        2, abs=1
    )


def test_the_record_names_the_versions_that_can_move_a_number(tmp_path):
    versions = read_result(write(tmp_path / "run")).provenance.versions
    assert versions["numpy"] == np.__version__


def test_without_git_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    assert provenance._commit() == (None, None)


def test_the_processor_is_named_by_its_model(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Abacus 9\nflags\t: fpu\n")
    assert machine._processor(cpuinfo) == "Abacus 9"


def test_a_gpu_is_named_with_what_drives_it(tmp_path, monkeypatch):
    module = tmp_path / "version"
    said = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56"
    module.write_text(said)
    torch = SimpleNamespace(version=SimpleNamespace(cuda="12.8"))
    monkeypatch.setitem(sys.modules, "torch", torch)
    assert machine.driver_of("cuda:0", module) == "NVIDIA 550.54.15, CUDA 12.8"
    assert machine.driver_of("cuda", tmp_path / "none") == "CUDA 12.8"
    assert machine.driver_of("cpu", module) == ""


def test_a_table_that_is_no_longer_written_goes(tmp_path):
    write(tmp_path / "run", tables={"queries": ROWS, "old": ROWS})
    write(tmp_path / "run")
    parquets = [path.name for path in (tmp_path / "run").glob("*.parquet")]
    assert parquets == ["10_tiny.queries.parquet"]


def test_the_folder_of_another_checkpoint_is_left_alone(tmp_path):
    folder = tmp_path / "default"
    write_whole(folder / "run.yml", b"checkpoint: other\ndataset: phantoms\n")
    with pytest.raises(
        InputError, match="run of checkpoint 'other', not 'weights'.*--name"
    ):
        write(folder)


def test_an_unknown_table_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(InputError, match="no table 'views'; tables: queries"):
        read_table(write(tmp_path / "run"), "views")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("{", "not JSON", id="half a file"),
        pytest.param("[]", "not a result but a list", id="a list"),
        pytest.param("{}", "notebook: field required", id="an empty object"),
    ],
)
def test_a_file_that_is_no_result_is_refused_by_name(tmp_path, text, said):
    path = tmp_path / "10_tiny.json"
    path.write_text(text)
    with pytest.raises(InputError, match=f"10_tiny.json: .*{said}"):
        read_result(path)


def test_a_result_that_is_not_there_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(InputError, match="no such result; run its notebook first"):
        read_result(tmp_path / "10_tiny.json")


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, b"old")
    full = OSError(errno.ENOSPC, "full")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(full))
    with pytest.raises(OSError, match=r"full: '.*a.json'"):
        write_whole(path, b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.json", b"old")]


def test_an_unchanged_file_keeps_its_time(tmp_path):
    path = tmp_path / "a.json"
    write_whole(path, b"same")
    before = path.stat().st_mtime_ns
    write_whole(path, b"same")
    assert path.stat().st_mtime_ns == before


def test_the_schema_in_the_package_is_the_models_own():
    assert SCHEMA_FILE.read_text() == schema_text()


def test_a_written_result_obeys_the_schema(tmp_path):
    path = write(tmp_path / "run")
    jsonschema.validate(json.loads(path.read_text()), Result.model_json_schema())


def test_the_annotated_names_of_a_notebook_are_its_parameters():
    notebook = {}
    exec("seed: int = 7\nalpha: float = 0.5\nloaded = object()\nseed = 8", notebook)
    assert results.parameters_in(notebook) == {"seed": 8, "alpha": 0.5}
