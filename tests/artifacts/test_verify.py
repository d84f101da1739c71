"""An artifact that is not as it was is refused, and the message names the file."""

import json
import os
import re
import shutil

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.artifacts import made

from negcxr.artifacts.crate import crate_text
from negcxr.artifacts.form import CRATE, RESULTS
from negcxr.artifacts.sealing import seal_folder
from negcxr.artifacts.verify import verify_bytes, verify_folder, verify_kept
from negcxr.errors import InputError
from negcxr.paths import ARTIFACTS


def refused(folder, match):
    with pytest.raises(InputError, match=match) as error:
        verify_folder(folder)
    assert "\n" not in str(error.value)


def resealed(folder):
    """Seal a folder anew, as somebody would who changed it on purpose."""
    return made.sealed(folder)


def change(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_an_artifact_as_it_was_verifies(folder):
    verified = verify_folder(folder)
    assert [*verified.results["web"]] == ["10_tiny", "20_con1"]
    assert len(verified.crate.files) == 6


def test_a_changed_byte_is_found_in_every_file(folder):
    for path in [p for p in folder.rglob("*") if p.is_file()]:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        refused(folder, path.name if path.name == CRATE else f"web/{path.name}: changed")
        path.write_bytes(content)
    verify_folder(folder)


def test_a_missing_file_is_named(folder):
    (folder / "web" / "10_tiny.draws.parquet").unlink()
    refused(folder, "gpu-seeds/web/10_tiny.draws.parquet: is missing")


@pytest.mark.parametrize("name", ["web/99_more.json", "new/10_tiny.json"])
def test_a_file_that_is_not_listed_is_named(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("{}")
    refused(folder, f"gpu-seeds/{name}: is not listed in its crate")


@pytest.mark.parametrize(
    "name", ["web/run.sh", "web/.hidden.json", "loose.json", "web/a/b.json", "web/nul.json"]
)
def test_a_file_of_another_form_is_named(folder, name):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("{}")
    refused(folder, re.escape(name) + "'?: no ")


def test_an_empty_folder_is_named(folder):
    (folder / "other").mkdir()
    refused(folder, "gpu-seeds/other: an empty folder")


@pytest.mark.parametrize("where", ["file", "folder", "root"])
def test_a_link_is_not_followed(folder, tmp_path, where):
    target = {"file": folder / "web" / "10_tiny.json", "folder": folder / "web"}
    path = target.get(where, folder)
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    refused(folder, "a link or a device" if where != "root" else "no folder|there is none")


def test_a_pipe_is_not_read(folder):
    os.mkfifo(folder / "web" / "20_pipe.json")
    refused(folder, "web/20_pipe.json: a link or a device")


def test_names_that_differ_by_case_alone_are_refused(folder):
    shutil.copytree(folder / "web", folder / "Web")
    refused(folder, "differs from '[wW]eb.*' by case alone")


def test_a_folder_without_a_crate_is_told_how_to_get_one(folder):
    (folder / CRATE).unlink()
    refused(folder, f"{CRATE}: there is none; 'negcxr artifact pack' writes one")


def test_another_version_of_the_form_is_named(folder):
    change(folder / CRATE, "negcxr-artifact/1", "negcxr-artifact/2")
    refused(
        folder, "of the form 'negcxr-artifact/2 .*'; this version of negcxr reads form 1"
    )


def test_another_version_of_a_result_is_named(folder):
    path = folder / "web" / "10_tiny.json"
    change(path, '"schema_version": 1', '"schema_version": 2')
    with pytest.raises(
        InputError, match="a result of form '2'; this version .* reads form 1"
    ):
        resealed(folder)


def test_a_crate_that_says_otherwise_than_its_files_is_refused(folder):
    said = json.loads((folder / CRATE).read_text())
    for entity in said["@graph"]:
        if entity.get("name") == "device":
            entity["value"] = "NVIDIA H100"
    (folder / CRATE).write_text(crate_text(said))
    refused(folder, "says of '#value-[0-9a-f]+' what its files do not")


def test_a_crate_that_is_dated_otherwise_is_refused(folder):
    said = json.loads((folder / CRATE).read_text())
    next(e for e in said["@graph"] if e["@id"] == "./")["datePublished"] = "2025-01-01"
    (folder / CRATE).write_text(crate_text(said))
    refused(folder, "dated 2025-01-01; its last job ended on another day")


def test_a_crate_in_another_layout_is_refused(folder):
    said = json.loads((folder / CRATE).read_text())
    (folder / CRATE).write_text(json.dumps(said))
    refused(folder, f"{CRATE}: changed since it was written")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested too deep|not JSON"),
        ('{"a": ' * 100 + "1" + "}" * 100, "nested deeper than 60"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": ' + "9" * 5000 + "}", "not JSON"),
        ("\xff", "not JSON"),
        ('{"a": 1e999}', "too large a number"),
        ('{"a": "\\ud800"}', "not JSON"),
        ("[]", "no RO-Crate"),
        ('{"@graph": [{"@id": "./", "@type": "x"}, {"@id": "./", "@type": "x"}]}', "twice"),
        ('{"@graph": []}', "of the form"),
    ],
    ids=[
        "brackets",
        "deep",
        "doubled",
        "nan",
        "long",
        "latin",
        "infinite",
        "half",
        "a list",
        "two",
        "empty",
    ],
)
def test_a_crate_that_is_no_crate_is_refused(folder, text, said):
    (folder / CRATE).write_bytes(text.encode("latin-1"))
    refused(folder, said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("note", "<script>alert(1)</script>"),
        ("note", "```{include} /etc/passwd"),
        ("note", "two\nlines"),
        ("note", "{{ ''.__class__ }}"),
        ("note", "[a link](javascript:alert)"),
        ("device", "x {eval}`1`"),
    ],
)
def test_words_that_could_act_in_a_page_are_refused(folder, name, value):
    path = folder / "web" / "10_tiny.json"
    fields = json.loads(path.read_text())
    owner = fields["provenance"] if name == "device" else fields["scalars"]["auroc"]
    owner[name] = value
    path.write_text(json.dumps(fields))
    with pytest.raises(InputError, match="10_tiny.json: a text that is more than words"):
        resealed(folder)


@pytest.mark.parametrize(
    ("name", "value"), [("seconds", 1e300), ("started", "9999-12-31T23:59:59Z")]
)
def test_a_time_that_no_run_has_is_refused(folder, name, value):
    path = folder / "web" / "10_tiny.json"
    fields = json.loads(path.read_text())
    fields["provenance"][name] = value
    path.write_text(json.dumps(fields))
    with pytest.raises(InputError, match="10_tiny.json: begun "):
        resealed(folder)


def test_a_result_that_lies_where_another_belongs_is_refused(folder):
    shutil.copy(folder / "web" / "10_tiny.json", folder / "web" / "11_own.json")
    with pytest.raises(InputError, match="11_own.json: says that it is the result web/10"):
        resealed(folder)


def table(path, **columns):
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p.write_bytes(b"PAR1" * 20), "no table in Parquet"),
        (lambda p: table(p, a=pa.array([[1]])), "column 'a' of the type list"),
        (lambda p: table(p, a=pa.array([b"x"])), "column 'a' of the type binary"),
        (lambda p: table(p, a=["two\nlines"]), "column 'a': a text of several lines"),
        (
            lambda p: pd.DataFrame({"a": [1]}).to_parquet(p, compression="zstd"),
            "a column packed by ZSTD",
        ),
        (lambda p: table(p, a=["x" * 1_000_000] * 400), "bytes when unfolded"),
        (lambda p: table(p, a=pa.nulls(6_000_000)), "6,000,000 rows"),
        (
            lambda p: pq.write_table(
                pa.table({"a": [1]}).replace_schema_metadata({"x": "y"}), p
            ),
            "notes that pandas does not write",
        ),
        (
            lambda p: table(p, a=pa.array([b"x" * 16], pa.uuid())),
            "column 'a' of the type",
        ),
    ],
    ids=[
        *("no parquet", "lists", "bytes", "lines", "zstd", "a dictionary bomb"),
        *("rows", "notes", "an extension"),
    ],
)
def test_a_table_that_is_more_than_plain_columns_is_refused(folder, make, said):
    make(folder / "web" / "10_tiny.draws.parquet")
    with pytest.raises(InputError, match=f"10_tiny.draws.parquet.*: .*{said}|{said}"):
        resealed(folder)


def test_a_table_that_no_result_names_is_refused(folder):
    table(folder / "web" / "10_tiny.more.parquet", a=[1])
    with pytest.raises(InputError, match="a table that no result names"):
        resealed(folder)


def test_a_file_above_the_limit_is_refused_before_it_is_read(folder):
    with (folder / "web" / "30_big.json").open("wb") as file:
        file.truncate(RESULTS.file_bytes + 1)  # a hole, which takes no room
    refused(folder, "web/30_big.json: 16,777,217 bytes")


def test_a_folder_that_bears_another_name_is_not_that_artifact(folder):
    folder.rename(folder.with_name("cpu-seeds"))
    with pytest.raises(InputError, match="is the crate of 'gpu-seeds'; a folder bears"):
        verify_kept(folder.with_name("cpu-seeds"))


def test_a_run_of_two_checkpoints_is_not_sealed(folder):
    made.write_run(folder, "web", "11_own", checkpoint="other")
    with pytest.raises(InputError, match="web: of checkpoint both 'weights' and 'other'"):
        resealed(folder)


def test_a_folder_sealed_later_says_so_and_on_which_day(folder, tmp_path):
    from datetime import date

    (folder / CRATE).unlink()
    seal_folder(folder, date(2026, 5, 6))
    crate = verify_folder(folder).crate
    assert (crate.seal.status, crate.seal.date) == ("sealed later", "2026-05-06")
    with pytest.raises(InputError, match="is there; 'negcxr artifact verify' reads it"):
        seal_folder(folder, date(2026, 5, 6))


@pytest.mark.parametrize(
    "path", sorted(ARTIFACTS.glob("[!.]*/")), ids=lambda path: path.name
)
def test_every_artifact_of_this_tree_is_as_it_was(path):
    verify_kept(path)


@pytest.mark.parametrize(
    "path", sorted(ARTIFACTS.glob("[!.]*/")), ids=lambda path: path.name
)
def test_in_every_artifact_of_this_tree_nothing_acts(path):
    verify_folder(path)


def test_bytes_alone_are_held_against_the_crate_without_opening_a_file(folder, monkeypatch):
    def never(*given, **more):
        raise AssertionError("opened")

    monkeypatch.setattr("negcxr.artifacts.contents.read_json", never)
    assert len(verify_bytes(folder).files) == 6
