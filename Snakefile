"""The study's engine: a job a notebook, for each method where one fine-tunes; and the book.

`negcxr run` writes results/<run>/run.yml and the parameters beside it, then calls this.
By hand, or on a cluster: snakemake --cores 2 --config 'runs=[default,clinic]' --profile P
What a rule asks of a cluster are its `resources`; a profile can say otherwise.
"""

import json
import os
import re
import sys

from negcxr import paths
from negcxr.inputs import book_inputs, job_inputs
from negcxr.runs import method_of, read_record, source_of

PYTHON = sys.executable
RUNS = [config["runs"]] if isinstance(config["runs"], str) else config["runs"]
NOTEBOOKS = {run: read_record(paths.RESULTS / run)["notebooks"] for run in RUNS}
JOBS = [f"{run}/{notebook}" for run in RUNS for notebook in NOTEBOOKS[run]]
RESULT = "results/{job}.json"
EXECUTED = "book/executed/{job}.ipynb"
MADE = [path.format(job=job) for job in JOBS for path in (RESULT, EXECUTED)]

# The first notebook of a run fills the cache of embeddings, so it goes before the others
# and takes a run's share of the cores. It is no input of theirs: marked as `ancient`, it
# would hide from Snakemake that their own inputs have changed. What fine-tunes goes next,
# for it takes long and the comparisons wait for it.
FIRSTS = [f"{run}/{notebooks[0]}" for run, notebooks in NOTEBOOKS.items()]
TUNING = [job for job in JOBS if method_of(job.split("/")[1]) and job not in FIRSTS]
OTHERS = [job for job in JOBS if job not in FIRSTS + TUNING]
COMMAND = (
    "export OMP_NUM_THREADS={threads} OPENBLAS_NUM_THREADS={threads}"
    " MKL_NUM_THREADS={threads} NUMEXPR_NUM_THREADS={threads};"
    " {PYTHON} -m negcxr notebook {params.source}"
    " --parameters {params.values} --target {output.executed}"
)


def inputs(wildcards):
    """What a job stands on."""
    return job_inputs(*wildcards.job.split("/"), beside=RUNS)


def source(wildcards):
    """The notebook of a job."""
    return os.path.relpath(source_of(wildcards.job.split("/")[1]), paths.ROOT)


def values(wildcards):
    """The file of what a job runs on."""
    run, notebook = wildcards.job.split("/")
    return f"results/{run}/parameters/{notebook}.json"


def gpu(wildcards):
    """How many GPUs a job takes: one where its parameters name one as its device."""
    with open(values(wildcards)) as file:
        return int(json.load(file).get("device", "cpu").startswith("cuda"))


def one_of(jobs):
    """A pattern of these jobs, and of nothing where there are none."""
    return "|".join(re.escape(job) for job in jobs) or "(?!)"


rule book:
    input:
        MADE,
        book_inputs(),
    output:
        "_build/html/index.html",
    params:
        run=RUNS[0],
    localrule: True
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
    params:
        source=source,
        values=values,
    wildcard_constraints:
        job=one_of(FIRSTS),
    priority: 2
    threads: max(1, workflow.cores // len(RUNS))
    resources:
        mem_mb=8000,
        runtime=240,
        gpu=gpu,
    shell:
        COMMAND


use rule first_notebook as fine_tuning with:
    wildcard_constraints:
        job=one_of(TUNING),
    priority: 1
    threads: max(1, workflow.cores // max(1, len(TUNING)))
    resources:
        mem_mb=8000,
        runtime=720,
        gpu=gpu,


use rule first_notebook as other_notebook with:
    wildcard_constraints:
        job=one_of(OTHERS),
    priority: 0
    threads: max(1, workflow.cores // max(1, len(OTHERS)))


if "embedding" in config:

    include: "rules/embedding.smk"
