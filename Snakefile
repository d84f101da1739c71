"""The study's engine: a job a notebook, and one for the book.

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


# The first notebook of a run fills the cache of embeddings, so it goes before the others
# and takes a run's share of the cores. It is no input of theirs: marked as `ancient`, it
# would hide from Snakemake that their own inputs have changed.
FIRSTS = {notebooks[0] for notebooks in NOTEBOOKS.values()}
OTHERS = {notebook for _, notebook in JOBS} - FIRSTS
NONE = "(?!)"
COMMAND = (
    "export OMP_NUM_THREADS={threads} OPENBLAS_NUM_THREADS={threads}"
    " MKL_NUM_THREADS={threads} NUMEXPR_NUM_THREADS={threads};"
    " {PYTHON} -m negcxr notebook notebooks/{wildcards.notebook}.ipynb"
    " --parameters results/{wildcards.run}/parameters/{wildcards.notebook}.json"
    " --target {output.executed}"
)


def inputs(wildcards):
    """What a notebook of a run stands on."""
    return job_inputs(wildcards.run, wildcards.notebook)


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


rule first_notebook:
    input:
        inputs,
    output:
        RESULT,
        executed=EXECUTED,
    wildcard_constraints:
        notebook="|".join(FIRSTS),
    priority: 1
    threads: max(1, workflow.cores // len(RUNS))
    shell:
        COMMAND


rule other_notebook:
    input:
        inputs,
    output:
        RESULT,
        executed=EXECUTED,
    wildcard_constraints:
        notebook="|".join(OTHERS) or NONE,
    threads: max(1, workflow.cores // max(1, len(JOBS) - len(RUNS)))
    shell:
        COMMAND
