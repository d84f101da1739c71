"""Imports go one way: a room of the library stands on those above it, never below.

A room is a folder of ``lib/negcxr`` or a module that lies in it alone.
"""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

from negcxr.paths import ROOT

LIBRARY = ROOT / "lib" / "negcxr"

# From top to bottom. A new room gets the highest place that what it imports allows.
ORDER = (
    *("errors", "paths", "shapes", "reading", "writing"),
    *("data", "text"),
    *("models", "rowcache", "ahead", "row_tables", "embed"),
    *("shard_files", "shards", "merging"),
    "measure",
    *(
        "guard",
        "machine",
        "provenance",
        "runs",
        "live",
        "schema",
        "results",
        "exposures",
        "changes",
    ),
    *("figures", "artifacts"),
    *("finetune", "probe", "chapters"),
    "book",
    *("parameters", "tidy", "kernel", "run"),
    *(
        "events",
        "job",
        "owner",
        "child",
        "imported",
        "inputs",
        "engine",
        "study",
        "plan",
        "work",
    ),
    "preflight",
    *("show", "checking", "show_check", "show_checkpoint", "readme", "packable", "packing"),
    *("cli_options", "cli_group", "cli_results", "cli_data", "cli_checkpoint", "cli_work"),
    *("cli_artifact", "cli_embed", "cli", "__main__"),
)


def modules() -> dict[str, Path]:
    """Every module of the library by its dotted name."""
    names = {}
    for path in LIBRARY.rglob("*.py"):
        parts = path.relative_to(LIBRARY.parent).with_suffix("").parts
        names[".".join(parts).removesuffix(".__init__")] = path
    return names


MODULES = modules()


def imports(name: str, source: str = "") -> set[str]:
    """The modules of ours that a module imports, also where a function does."""
    found = set()
    for node in ast.walk(ast.parse(source or MODULES[name].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports relatively, which hides the room"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & set(MODULES)) or {node.module}
    return {one for one in found if one.split(".")[0] == "negcxr"} - {name, "negcxr"}


def room(name: str) -> str:
    return name.split(".")[1]


ROOMS = sorted({room(name) for name in MODULES if name != "negcxr"})


def rooms_under(name: str) -> set[str]:
    """The rooms that a room imports."""
    inside = [module for module in MODULES if module != "negcxr" and room(module) == name]
    return {room(one) for module in inside for one in imports(module)} - {name}


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_imports_only_rooms_above_it(name):
    assert name in ORDER, f"{name} is new: give it a place in ORDER"
    assert rooms_under(name) <= set(ORDER[: ORDER.index(name)])


def test_no_module_imports_itself_by_way_of_others():
    graphlib.TopologicalSorter({name: imports(name) for name in MODULES}).prepare()


def test_measures_know_arrays_alone():
    assert rooms_under("measure") <= {"errors", "shapes"}


def test_texts_know_findings_by_name_alone():
    assert not rooms_under("text") & {"data", "models"}


def test_nothing_but_commands_imports_a_command():
    assert not {room for room in ROOMS if "cli" in rooms_under(room)} - {"__main__"}


def test_every_form_of_import_is_seen():
    source = """
import negcxr.embed
import numpy
from negcxr import errors, __version__
from negcxr.data.truth import Truth
def later():
    from negcxr.models import checkpoint
"""
    found = imports("negcxr.none", source)
    assert {room(name) for name in found} == {"embed", "errors", "data", "models"}
    assert "negcxr.data.truth" in found
    assert "negcxr.models.checkpoint" in found


def test_no_grammar_of_addresses_is_made_ready_for_charts_and_notebooks():
    script = "import sys, negcxr, altair, papermill; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
