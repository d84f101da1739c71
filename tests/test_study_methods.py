"""A study that fine-tunes: one job a method, and runs with lists of their own."""

import json

import pytest
import yaml

from negcxr import inputs, paths
from negcxr.errors import InputError
from negcxr.inputs import job_inputs
from negcxr.plan import plan, write_runs
from negcxr.runs import job_of, method_of, source_of
from negcxr.study import read_study

CELL = 'checkpoint: str = "none"\nresults: str = "results/scratch"\n'
STUDY = """
runs:
  web: {checkpoint: weights/web}
  clinic: {checkpoint: weights/clinic, notebooks: [10_tiny]}
notebooks: [10_tiny, 20_method, 29_comparison]
methods: [con1, no-price]
"""


@pytest.fixture
def project(tmp_path, monkeypatch, make_notebook):
    """A project of three notebooks: one measures, one fine-tunes, one compares."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    for name in ("notebooks", "results", "params"):
        monkeypatch.setattr(paths, name.upper(), tmp_path / name)
    make_notebook(parameters=CELL)
    method = 'method: str = "con1"\nsteps: int = 0\n'
    make_notebook(parameters=CELL + method, name="20_method")
    compare = 'methods: str = ""\nchapters: str = "10_tiny,30_absent"\n'
    compare += 'artifacts: str = ""\nsearch: str = ""\n'
    make_notebook(parameters=CELL + compare, name="29_comparison")
    return tmp_path


@pytest.fixture
def read(project):
    def read_text(text):
        path = project / "study.yml"
        path.write_text(text)
        return read_study(path)

    return read_text


@pytest.fixture
def planned(read):
    def plan_text(text, **given):
        runs = plan(read(text), given, source="study.yml")
        return {run.name: run.jobs for run in runs}

    return plan_text


@pytest.mark.parametrize(
    ("job", "method", "source"),
    [
        ("20_no-price", "no-price", "20_method"),
        ("20_con1", "con1", "20_method"),
        ("10_retrieval", "", "10_retrieval"),
        ("29_comparison", "", "29_comparison"),
    ],
)
def test_a_jobs_name_says_its_method_and_its_notebook(job, method, source):
    assert (method_of(job), source_of(job).stem) == (method, source)
    assert job_of(source_of(job), {"method": method}) == job


def test_each_method_is_a_job_in_the_place_of_the_notebook_that_fine_tunes(planned):
    jobs = [*planned(STUDY)["web"]]
    assert jobs == ["10_tiny", "20_con1", "20_no-price", "29_comparison"]


def test_a_job_takes_its_method_and_a_comparison_all_of_them(planned):
    web = planned(STUDY)["web"]
    assert web["20_no-price"]["method"] == "no-price"
    assert web["29_comparison"]["methods"] == "con1,no-price"


def test_a_comparison_may_be_told_other_methods(planned):
    text = STUDY + "overrides: {29_comparison: {methods: soft}}"
    assert planned(text)["web"]["29_comparison"]["methods"] == "soft"


def test_a_run_may_have_its_own_notebooks(planned):
    assert [*planned(STUDY)["clinic"]] == ["10_tiny"]


def test_a_run_may_have_its_own_methods(planned):
    text = STUDY.replace("weights/web}", "weights/web, methods: [soft]}")
    assert [*planned(text)["web"]] == ["10_tiny", "20_soft", "29_comparison"]
    assert planned(text)["web"]["29_comparison"]["methods"] == "soft"


def test_an_override_is_for_all_methods_or_for_one(planned):
    text = STUDY + "overrides: {20_method: {steps: 4}, 20_con1: {steps: 7}}"
    web = planned(text)["web"]
    assert (web["20_con1"]["steps"], web["20_no-price"]["steps"]) == (7, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(STUDY.replace("methods:", "#"), "runs.web: 20_method runs by methods"),
        pytest.param(
            "runs: {a: {}}\nnotebooks: [20_con1]", "write 20_method, and con1 under methods"
        ),
        pytest.param(
            "runs: {a: {}}\nnotebooks: [10_tiny]\nmethods: [con1]",
            "no run has the notebook",
        ),
        pytest.param(STUDY + "overrides: {20_soft: {steps: 1}}", "overrides of '20_soft'"),
        pytest.param(
            STUDY + "parameters: {method: soft}", "parameters: no notebook takes 'method'"
        ),
        pytest.param(
            STUDY.replace("notebooks: [10_tiny]}", "notebooks: [10_tiny], steps: 1}"),
            "runs.clinic: no notebook takes 'steps'; they take: checkpoint$",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(planned, text, said):
    with pytest.raises(InputError, match=f"study.yml.*{said}"):
        planned(text)


def test_what_a_run_was_asked_for_is_written_by_job(read, project):
    write_runs(plan(read(STUDY), {}, source="study.yml"))
    folder = project / "results" / "web"
    record = yaml.safe_load((folder / "run.yml").read_text())
    assert record["notebooks"] == ["10_tiny", "20_con1", "20_no-price", "29_comparison"]
    values = json.loads((folder / "parameters" / "20_no-price.json").read_text())
    assert values["method"] == "no-price"


@pytest.fixture
def stands_on(read, project, monkeypatch):
    """Which files of the project a job of the run web stands on."""
    monkeypatch.setattr(inputs, "library_inputs", lambda source: [])
    methods = "con1: {}\nno-price: {layers: layers/web.json}\n"
    (project / "params").mkdir()
    (project / "params" / "methods.yml").write_text(methods)

    def files(job, study=STUDY):
        write_runs(plan(read(study), {}, source="study.yml"))
        return {path for path in job_inputs("web", job) if not path.startswith("..")}

    return files


def test_a_job_that_fine_tunes_stands_on_methods_and_its_layers(stands_on):
    own = {"notebooks/20_method.ipynb", "results/web/parameters/20_no-price.json"}
    wanted = {*own, "params/methods.yml", "layers/web.json"}
    assert stands_on("20_no-price") == wanted
    assert "layers/web.json" not in stands_on("20_con1")


def test_a_comparison_stands_on_the_results_of_its_methods(stands_on):
    found = stands_on("29_comparison")
    assert {f for f in found if f.startswith("results/web/20_")} == {
        *("results/web/20_con1.json", "results/web/20_no-price.json")
    }


def test_a_summary_stands_on_the_chapters_of_its_run_that_it_reads(stands_on):
    found = stands_on("29_comparison")
    assert "results/web/10_tiny.json" in found
    assert "results/web/30_absent.json" not in found


def test_a_method_that_is_no_job_of_the_run_is_not_waited_for(stands_on):
    text = STUDY + "overrides: {29_comparison: {methods: 'con1, soft'}}"
    found = stands_on("29_comparison", text)
    assert {f for f in found if f.startswith("results/web/20_")} == {
        "results/web/20_con1.json"
    }


def test_a_job_that_may_read_what_was_fetched_stands_on_it(stands_on, project, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(project / "cache"))
    file = project / "cache" / "fetched" / "open-i" / "reports.tgz"
    file.parent.mkdir(parents=True)
    file.write_text("")
    assert "cache/fetched/open-i/reports.tgz" not in stands_on("10_tiny")
    library = [inputs.PACKAGE / "data" / "fetch.py"]
    monkeypatch.setattr(inputs, "library_inputs", lambda source: library)
    assert "cache/fetched/open-i/reports.tgz" in stands_on("10_tiny")


@pytest.mark.parametrize("parameter", ["artifacts", "search"])
def test_a_job_stands_on_the_kept_runs_that_it_reads(stands_on, project, parameter):
    folder = project / "artifacts" / "seeds" / "web-0"
    folder.mkdir(parents=True)
    for name in ("20_con1.json", "20_con1.draws.parquet", "20_con1.ipynb"):
        (folder / name).write_text("{}")
    kept = f"{{{parameter}: 'artifacts/none, artifacts/seeds'}}"
    found = stands_on("29_comparison", STUDY + f"overrides: {{29_comparison: {kept}}}")
    assert {f for f in found if f.startswith("artifacts")} == {
        "artifacts/seeds/web-0/20_con1.draws.parquet",
        "artifacts/seeds/web-0/20_con1.json",
    }


def test_a_file_that_a_parameter_names_counts(stands_on, project):
    (project / "weights.json").write_text("{}")
    text = STUDY + "overrides: {10_tiny: {checkpoint: weights.json}}"
    text = text.replace("{checkpoint: weights/web}", "{}")
    assert "weights.json" in stands_on("10_tiny", text)
