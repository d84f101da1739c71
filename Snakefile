"""The study's engine: one rule a notebook, one for the book.

`negcxr run` writes results/<run>/run.yml and the parameters beside it, then calls this.
By hand, or on a cluster: snakemake --cores 2 --config 'runs=[default,clinic]' --profile P
"""

import sys

from negcxr import paths
from negcxr.inputs import book_inputs, job_inputs
from negcxr.runs import read_record
from negcxr.schema import NAME

PYTHON = sys.executable
RUNS = [config["runs"]] if isinstance(config["runs"], str) else config["runs"]
NOTEBOOKS = {run: read_record(paths.RESULTS / run)["notebooks"] for run in RUNS}
JOBS = [(run, notebook) for run in RUNS for notebook in NOTEBOOKS[run]]
RESULT = "results/{run}/{notebook}.json"
EXECUTED = "book/executed/{run}/{notebook}.ipynb"
MADE = [
    path.format(run=run, notebook=notebook)
    for run, notebook in JOBS
    for path in (RESULT, EXECUTED)
]


wildcard_constraints:
    run=NAME.strip("^$"),
    notebook=NAME.strip("^$"),


def is_first(wildcards):
    """Whether a notebook is its run's first: it fills the cache of embeddings."""
    return NOTEBOOKS[wildcards.run][0] == wildcards.notebook


def first(wildcards):
    """What the other notebooks wait for, so that no image is embedded twice at once."""
    if is_first(wildcards):
        return []
    notebook = NOTEBOOKS[wildcards.run][0]
    return ancient(RESULT.format(run=wildcards.run, notebook=notebook))


def share_of_cores(wildcards):
    """The first of each run work side by side, later all others do."""
    beside = len(RUNS) if is_first(wildcards) else len(JOBS) - len(RUNS)
    return max(1, workflow.cores // beside)


rule book:
    input:
        MADE,
        book_inputs(),
    output:
        "_build/html/index.html",
    params:
        run=RUNS[0],
    shell:
        "{PYTHON} -m negcxr book {params.run}"


rule results:
    input:
        MADE,


rule notebook:
    input:
        lambda wildcards: job_inputs(wildcards.run, wildcards.notebook),
        first,
    output:
        RESULT,
        executed=EXECUTED,
    threads: share_of_cores
    shell:
        "export OMP_NUM_THREADS={threads} OPENBLAS_NUM_THREADS={threads}"
        " MKL_NUM_THREADS={threads} NUMEXPR_NUM_THREADS={threads};"
        " {PYTHON} -m negcxr notebook notebooks/{wildcards.notebook}.ipynb"
        " --parameters results/{wildcards.run}/parameters/{wildcards.notebook}.json"
        " --target {output.executed}"
