"""A study run for real without Snakemake, and without what draws the book."""

import os
import signal

import psutil
import pytest
from tests.engine.test_killed import gone, kernel_of

pytestmark = pytest.mark.slow
TUNED = ("work", "--params", "params/tuned.yml")
TINY = ("work", "--params", "params/tiny.yml")
ABSENT = (
    "snakemake",
    "jupyter_book",
    "vl_convert",
    "nbconvert",
    "latex2mathml",
    "playwright",
)


def begun(said):
    return [line.split(":")[0] for line in said.splitlines() if line.endswith(": begins")]


@pytest.fixture(scope="module", autouse=True)
def lean(project):
    """Modules that are first on the path, and say that they are not there."""
    for name in ABSENT:
        text = f"raise ModuleNotFoundError({name!r})\n"
        (project / "lib" / f"{name}.py").write_text(text)


def test_jobs_run_in_turn_and_only_once(negcxr, project):
    code, said = negcxr(*TUNED)
    assert code == 0, said
    assert begun(said) == [
        *("tuned/10_first", "tuned/20_con1", "tuned/20_no-price", "tuned/26_after"),
        "plain/10_first",
    ]
    assert not (project / "_build").exists()
    assert negcxr(*TUNED) == (0, "up to date\n")


def test_a_changed_module_runs_what_stands_on_it(negcxr, project):
    negcxr(*TUNED)
    module = project / "lib" / "negcxr" / "finetune" / "methods.py"
    module.write_text(module.read_text() + "\n# changed\n")
    assert begun(negcxr(*TUNED)[1]) == []  # of these notebooks none fine-tunes by it
    module = project / "lib" / "negcxr" / "results.py"
    module.write_text(module.read_text() + "\n# changed\n")
    assert len(begun(negcxr(*TUNED)[1])) == 5


def test_a_failing_notebook_is_told_and_the_others_go_on(negcxr, project):
    study = project / "params" / "tuned.yml"
    before = study.read_text()
    study.write_text(before + "overrides: {20_no-price: {seed: 13}}\n")
    code, said = negcxr(*TUNED)
    study.write_text(before)
    assert code == 1
    assert "tuned/20_no-price: ZeroDivisionError: division by zero" in said
    assert "tuned/26_after: not run, for it waits for tuned/20_no-price" in said
    assert "plain/10_first: ZeroDivisionError" not in said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_can_be_ended_at_any_time_and_goes_on(how, negcxr, start, project):
    (project / "pids").unlink(missing_ok=True)
    study = project / "params" / "tiny.yml"
    before = study.read_text()
    study.write_text(f"{before}overrides: {{11_second: {{wait: 30, seed: {how}}}}}\n")
    process = start(*TINY)
    kernel = kernel_of(project)
    code, said = negcxr(*TINY)
    assert (code, said.split(" (")[0]) == (
        2,
        f"negcxr: another negcxr run works in {project}",
    )
    os.kill(process.pid, how)
    process.communicate(timeout=60)
    assert process.returncode != 0
    study.write_text(f"{before}overrides: {{11_second: {{seed: {how}}}}}\n")
    code, said = negcxr(*TINY)
    study.write_text(before)
    assert (code, begun(said)) == (0, ["tiny/11_second"]), said
    assert gone(kernel)


def test_no_process_is_left(project):
    ours = [p for p in psutil.process_iter(["cmdline"]) if str(project) in str(p.info)]
    assert not ours
