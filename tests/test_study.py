"""A study: what it means, and what is refused before a job starts."""

import json
import textwrap

import pytest
import yaml

from negcxr import paths
from negcxr.errors import InputError
from negcxr.finetune.recipe import read_recipe
from negcxr.plan import plan, write_runs
from negcxr.reading import read_yaml
from negcxr.study import from_here, read_study, renamed

CELL = """
checkpoint: str = "default"
dataset: str = "phantoms"
n_images: int = 10
results: str = "results/scratch"
"""
STUDY = """
runs:
  web: {checkpoint: weights/web}
  clinic: {checkpoint: weights/clinic}
notebooks: [10_tiny, 11_small]
parameters: {n_images: 20}
"""


@pytest.fixture
def project(tmp_path, monkeypatch, make_notebook):
    """A project of two notebooks; the second also takes a `k`."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(paths, "RESULTS", tmp_path / "results")
    make_notebook(parameters=CELL)
    make_notebook(parameters=CELL + "k: int = 5", name="11_small")
    return tmp_path


@pytest.fixture
def read(project):
    def read_text(text):
        path = project / "study.yml"
        path.write_text(textwrap.dedent(text))
        return read_study(path)

    return read_text


def planned(study, **given):
    return {run.name: run.jobs for run in plan(study, given, source="study.yml")}


def test_every_run_takes_its_own_checkpoint(read):
    runs = planned(read(STUDY))
    chosen = {run: notebooks["10_tiny"]["checkpoint"] for run, notebooks in runs.items()}
    assert chosen == {"web": "weights/web", "clinic": "weights/clinic"}


def test_results_lie_in_a_folder_of_the_runs_name(read):
    assert planned(read(STUDY))["clinic"]["10_tiny"]["results"] == "results/clinic"


def test_what_a_study_leaves_out_is_the_notebooks_default(read):
    assert planned(read(STUDY))["web"]["11_small"]["k"] == 5


def test_a_parameter_goes_only_to_notebooks_that_declare_it(read):
    runs = planned(read(STUDY + "overrides: {11_small: {k: 7}}"))
    assert ("k" in runs["web"]["10_tiny"], runs["web"]["11_small"]["k"]) == (False, 7)


@pytest.mark.parametrize(
    ("more", "given", "n_images"),
    [
        pytest.param("", {}, 20, id="study over default"),
        pytest.param(
            "overrides: {10_tiny: {n_images: 30}}", {}, 30, id="notebook over study"
        ),
        pytest.param(
            "overrides: {10_tiny: {n_images: 30}}", {"n_images": 50}, 50, id="command line"
        ),
    ],
)
def test_the_more_particular_value_wins(read, more, given, n_images):
    assert planned(read(STUDY + more), **given)["web"]["10_tiny"]["n_images"] == n_images


def test_a_run_wins_over_an_override(read):
    text = """
    runs: {web: {n_images: 40}}
    notebooks: [10_tiny]
    overrides: {10_tiny: {n_images: 30}}
    """
    assert planned(read(text))["web"]["10_tiny"]["n_images"] == 40


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("runs: {}\nnotebooks: [10_tiny]", "runs: ", id="no run"),
        pytest.param("runs: {web: {}}\nnotebooks: []", "notebooks: ", id="no notebook"),
        pytest.param("runs: {web: {}}", "notebooks: field required", id="field missing"),
        pytest.param(STUDY + "notebook: 1", "notebook: ", id="unknown field"),
        pytest.param("runs: {'../x': {}}\nnotebooks: [a]", "'../x'", id="run's name"),
        pytest.param("runs: {a: {x: [1]}}\nnotebooks: [a]", "runs.a.x", id="a list"),
        pytest.param("runs: [", "not YAML", id="half a file"),
    ],
)
def test_a_file_that_is_no_study_is_refused_by_its_field(read, text, said):
    with pytest.raises(InputError, match=f"study.yml.*{said}"):
        read(text)


def test_a_notebook_that_does_not_exist_is_refused(read):
    with pytest.raises(InputError, match="99_none.ipynb: no such notebook"):
        planned(read("runs: {web: {}}\nnotebooks: [99_none]"))


@pytest.mark.parametrize(
    ("more", "given", "place"),
    [
        pytest.param("parameters: {sead: 1}", {}, "parameters", id="study"),
        pytest.param(
            "overrides: {10_tiny: {k: 1}}", {}, "overrides.10_tiny", id="override"
        ),
        pytest.param("", {"policy": "explicit"}, "command line", id="command line"),
        pytest.param(
            "parameters: {results: a}", {}, "parameters", id="results are set here"
        ),
    ],
)
def test_a_parameter_that_no_notebook_takes_is_refused(read, more, given, place):
    text = "runs: {web: {}}\nnotebooks: [10_tiny, 11_small]\n" + more
    with pytest.raises(InputError, match=f"study.yml, {place}: no notebook takes "):
        planned(read(text), **given)


def test_overrides_of_a_notebook_outside_the_study_are_refused(read):
    with pytest.raises(InputError, match="overrides of '12_other', no notebook of it"):
        planned(read(STUDY + "overrides: {12_other: {k: 1}}"))


def test_a_value_of_another_type_is_refused(read):
    text = "runs: {web: {n_images: many}}\nnotebooks: [10_tiny]"
    with pytest.raises(InputError, match="parameter n_images: 'many' is str, not int"):
        planned(read(text))


def test_one_run_can_take_another_name(read):
    study = renamed(read("runs: {a: {n_images: 3}}\nnotebooks: [10_tiny]"), "films")
    assert planned(study)["films"]["10_tiny"]["n_images"] == 3


def test_several_runs_cannot_take_one_name(read):
    with pytest.raises(InputError, match="--name x: .* several runs: web, clinic"):
        renamed(read(STUDY), "x")


def test_what_a_run_is_and_takes_is_written_down(read, project):
    write_runs(plan(read(STUDY), {}, source="study.yml"))
    folder = project / "results" / "web"
    assert yaml.safe_load((folder / "run.yml").read_text()) == {
        "checkpoint": "weights/web",
        "dataset": "phantoms",
        "notebooks": ["10_tiny", "11_small"],
    }
    assert json.loads((folder / "parameters" / "11_small.json").read_text()) == {
        "checkpoint": "weights/web",
        "dataset": "phantoms",
        "n_images": 20,
        "results": "results/web",
        "k": 5,
    }


def test_what_did_not_change_keeps_its_time(read, project):
    def times():
        files = (project / "results").rglob("*.*")
        return {path: path.stat().st_mtime_ns for path in files}

    write_runs(plan(read(STUDY), {}, source="study.yml"))
    before = times()
    write_runs(plan(read(STUDY), {}, source="study.yml"))
    assert times() == before


def test_a_runs_name_is_not_given_to_another_checkpoint(read):
    write_runs(plan(read(STUDY), {}, source="study.yml"))
    other = plan(read(STUDY.replace("weights/web", "weights/new")), {}, source="study.yml")
    with pytest.raises(
        InputError, match="'weights/web', not 'weights/new'.*another --name"
    ):
        write_runs(other)


def test_a_path_counts_from_where_the_caller_is(project, monkeypatch):
    (project / "weights" / "web").mkdir(parents=True)
    monkeypatch.chdir(project / "weights")
    assert from_here("web") == "weights/web"


def test_a_path_outside_the_project_becomes_absolute(
    project, monkeypatch, tmp_path_factory
):
    elsewhere = tmp_path_factory.mktemp("weights")
    monkeypatch.chdir(elsewhere.parent)
    assert from_here(elsewhere.name) == str(elsewhere)


@pytest.mark.parametrize("value", ["", "chest", "lab/model@" + 40 * "a"])
def test_what_is_no_path_here_stays(project, monkeypatch, value):
    monkeypatch.chdir(project)
    assert from_here(value) == value


@pytest.mark.parametrize("name", ["smoke", "default", "checkpoint"])
def test_the_projects_own_studies_begin_with_the_baseline(name):
    assert read_study(paths.PARAMS / f"{name}.yml").notebooks[0] == "10_retrieval"


@pytest.mark.parametrize("path", sorted(paths.PARAMS.glob("*.yml")), ids=lambda p: p.stem)
def test_every_job_of_the_projects_own_studies_has_a_notebook(path):
    if path.stem != "methods":
        assert plan(read_study(path), {}, source=path.name)


def methods_of(name):
    study = read_study(paths.PARAMS / f"{name}.yml")
    return {method for run in study.runs for method in study.methods_of(run)}


def test_methods_of_the_projects_own_studies_are_known_and_none_is_left_out():
    known = {*read_yaml(paths.PARAMS / "methods.yml")}
    assert methods_of("seeds") == methods_of("full") == known
    assert methods_of("search") | methods_of("inside") <= known
    assert methods_of("default") | methods_of("smoke") <= known


def test_the_study_of_seeds_trains_what_is_compared_three_times_on_both_checkpoints():
    study = read_study(paths.PARAMS / "seeds.yml")
    trained = [
        (own.parameters["checkpoint"], own.parameters["training_seed"])
        for own in study.runs.values()
    ]
    checkpoints = ("checkpoints/phantom-web", "checkpoints/phantom-clinic")
    assert trained == [(name, seed) for name in checkpoints for seed in range(3)]
    assert all({*study.methods_of(run)} >= {*study.methods} for run in study.runs)


def test_the_full_study_trains_five_times_on_both_of_its_checkpoints():
    study = read_study(paths.PARAMS / "full.yml")
    trained = [
        (own.parameters["checkpoint"], own.parameters["training_seed"])
        for own in study.runs.values()
    ]
    checkpoints = ("checkpoints/full-web", "checkpoints/full-clinic")
    assert trained == [(name, seed) for name in checkpoints for seed in range(5)]


def test_the_full_study_asks_of_phantoms_in_the_size_that_its_checkpoints_were_trained_on():
    study = read_study(paths.PARAMS / "full.yml")
    root = study.parameters["root"]
    for name in ("full-web", "full-clinic", "full-bias"):
        recipe = read_recipe(paths.PARAMS / "pretrain" / f"{name}.yml")
        assert f"{recipe.vision['image_size']}px" == root
        assert recipe.images >= 60_000
        assert (recipe.vision["hidden_size"], recipe.vision["num_hidden_layers"]) == (
            384,
            12,
        )


@pytest.mark.parametrize("name", ["seeds", "full"])
def test_what_trains_every_method_looks_inside_after_it(name):
    study = read_study(paths.PARAMS / f"{name}.yml")
    looks = {"30_attribution", "31_geometry", "32_heads", "33_tracing", "34_probes"}
    for checkpoint in {own.parameters["checkpoint"] for own in study.runs.values()}:
        own = [r for r, o in study.runs.items() if o.parameters["checkpoint"] == checkpoint]
        assert looks <= {job for run in own for job in study.jobs_of(run)}


def test_the_search_never_looks_at_test_images():
    study = read_study(paths.PARAMS / "search.yml")
    values = [job for run in plan(study, {}, source="search") for job in run.jobs.values()]
    assert {job["split"] for job in values} == {"val"}
