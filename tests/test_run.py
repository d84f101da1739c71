"""One notebook, executed for real: what appears, what does not, and what is said."""

import json
import sys
from pathlib import Path

import nbformat
import pytest

from negcxr.errors import InputError
from negcxr.paths import ROOT
from negcxr.run import NotebookFailed, run_notebook


@pytest.fixture
def run(make_notebook, tmp_path):
    """Runs the cells given; results lie in a folder of the test's own."""

    def execute(*cells, parameters=None, name="10_tiny", **options):
        source = make_notebook(*cells, name=name)
        target = tmp_path / "executed" / f"{name}.ipynb"
        values = {"results": str(tmp_path / "results"), **(parameters or {})}
        run_notebook(source, target, values, **options)
        return nbformat.read(target, as_version=4)

    return execute


def outputs(notebook):
    return "".join(out.text for cell in notebook.cells for out in cell.get("outputs", []))


def left(folder: Path):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_what_was_passed_is_what_ran(run):
    assert outputs(run("print(seed)", parameters={"seed": 7})) == "7\n"


def test_the_page_shows_all_values_that_ran_and_hides_the_defaults(run, tmp_path):
    cells = {tuple(cell.metadata.get("tags", ())): cell for cell in run("seed").cells}
    assert ("parameters", "remove-input") in cells
    shown = cells[("injected-parameters",)].source
    assert shown == f'# Parameters\nseed = 0\nresults = "{tmp_path / "results"}"\n'


def test_nothing_of_this_machine_stays_in_the_notebook_but_its_parameters(run, tmp_path):
    ran = run("seed", parameters={"results": "results/scratch"})
    assert ran.metadata.papermill == {
        "parameters": {"seed": 0, "results": "results/scratch"}
    }
    assert str(tmp_path) not in json.dumps(ran)
    assert not [cell for cell in ran.cells if {"papermill", "execution"} & {*cell.metadata}]


def test_the_same_run_twice_writes_the_same_notebook(run, tmp_path):
    target = tmp_path / "executed" / "10_tiny.ipynb"
    run("print(seed)")
    source = tmp_path / "notebooks" / "10_tiny.ipynb"
    first = target.read_bytes()
    run_notebook(source, target, {"results": str(tmp_path / "results")})
    assert target.read_bytes() == first


def test_progress_bars_do_not_reach_the_page_and_other_words_do(run):
    said = "import sys; print('10%|# | 1/10\\r90%|## | 9/10\\nmind', file=sys.stderr)"
    assert outputs(run(said)) == "mind"


def test_a_kernel_of_this_interpreter_runs_whatever_python3_is_found_first(
    run, tmp_path, monkeypatch
):
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    spec = {"argv": ["false"], "display_name": "Other", "language": "python"}
    (other / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    assert outputs(run("import sys; print(sys.executable)")) == f"{sys.executable}\n"


def test_it_works_in_the_project_from_any_folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert outputs(run("import os; print(os.getcwd())")) == f"{ROOT}\n"
    assert Path.cwd() == tmp_path


def test_cells_are_counted_as_they_begin(run):
    told = []
    run("1", "2", on_cell=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_success_leaves_the_executed_notebook_alone(run, tmp_path):
    run("seed")
    assert left(tmp_path / "executed") == ["10_tiny.ipynb"]
    assert left(tmp_path / "results") == []


FAILURES = {
    "a cell that raises": ("1 / 0", "ZeroDivisionError: division by zero"),
    "a kernel that is killed": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "kernel died: its process was ended by SIGKILL; out of memory ends so",
    ),
    "a kernel that ends itself": (
        "import os; os._exit(3)",
        "kernel died: its process ended with exit code 3",
    ),
    "a notebook that ends itself": (
        "import sys; sys.exit()",
        "unfinished: the notebook ended itself before cell 5",
    ),
    "a cell that takes too long": ("import time; time.sleep(30)", "timeout: A cell timed"),
}


@pytest.mark.parametrize(("cell", "said"), FAILURES.values(), ids=FAILURES)
def test_a_failure_is_named_and_kept_aside(run, tmp_path, cell, said):
    with pytest.raises(NotebookFailed, match=f"10_tiny: {said}") as failed:
        run(cell, "never = 1", execution_timeout=2)
    assert left(tmp_path / "results") == ["failed/10_tiny.ipynb", "failed/10_tiny.log"]
    assert not (tmp_path / "executed").exists()
    assert said in failed.value.log.read_text()


def test_the_log_holds_the_traceback_and_what_the_cells_said(run):
    with pytest.raises(NotebookFailed) as failed:
        run("print('so far')", "1 / 0")
    log = failed.value.log.read_text()
    assert "so far" in log
    assert "----> 1 1 / 0" in log


def test_a_failure_leaves_the_notebook_of_an_earlier_run(run, make_notebook, tmp_path):
    before = run("print(seed)")
    with pytest.raises(NotebookFailed):
        run("1 / 0")
    kept = nbformat.read(tmp_path / "executed" / "10_tiny.ipynb", as_version=4)
    assert kept == before


def test_success_clears_what_an_earlier_failure_left(run, tmp_path):
    with pytest.raises(NotebookFailed):
        run("1 / 0")
    run("seed")
    assert left(tmp_path / "results") == []


def test_a_refused_parameter_leaves_nothing(run, tmp_path):
    with pytest.raises(InputError, match="no parameter 'sead'"):
        run("seed", parameters={"sead": 1})
    assert not (tmp_path / "results").exists()


def test_a_method_that_fails_is_kept_aside_under_its_own_name(make_notebook, tmp_path):
    parameters = 'method: str = "con1"\nresults: str = "results/scratch"'
    source = make_notebook("1 / 0", parameters=parameters, name="20_method")
    values = {"results": str(tmp_path / "results"), "method": "no-price"}
    with pytest.raises(NotebookFailed, match="20_no-price: ZeroDivisionError"):
        run_notebook(source, tmp_path / "20_no-price.ipynb", values)
    kept = ["failed/20_no-price.ipynb", "failed/20_no-price.log"]
    assert left(tmp_path / "results") == kept
