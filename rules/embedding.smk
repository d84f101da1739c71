"""Images embedded in shards, and the shards merged to one table.

By itself, on two cores or with a profile on a cluster; what is asked for is `embed`'s own:

    snakemake embedding --snakefile rules/embedding.smk --cores 2 --config
    'embedding={checkpoint: checkpoints/phantom-web, dataset: phantoms, shards: 8,
    out: FOLDER}'

The study's Snakefile includes it where such a configuration is given. A shard that was
deleted is made again alone, and the table with it.
"""

import shlex
import sys

EMBEDDING = {"shards": 1, **config["embedding"]}
FOLDER, SHARDS = EMBEDDING.pop("out"), int(EMBEDDING.pop("shards"))
WORDS = [f"--{name}={value}" for name, value in EMBEDDING.items()]
SHARD = f"{FOLDER}/shard-{{number}}-of-{SHARDS:04}.safetensors"
ALL_SHARDS = [SHARD.format(number=f"{number:04}") for number in range(1, SHARDS + 1)]


rule embedding:
    input:
        # Snakemake does not miss what lies before a finished table, so shards are asked for.
        ALL_SHARDS,
        f"{FOLDER}/table.json",


rule merged:
    input:
        ALL_SHARDS,
    output:
        f"{FOLDER}/table.json",
    params:
        command=shlex.join(["-m", "negcxr", "embed", "merge", FOLDER]),
    resources:
        mem_mb=4000,
        runtime=60,
    shell:
        "{sys.executable} {params.command}"


rule shard:
    output:
        SHARD,
    params:
        command=shlex.join(["-m", "negcxr", "embed", *WORDS, f"--shards={SHARDS}"]),
        out=shlex.quote(FOLDER),
    wildcard_constraints:
        number=r"\d+",
    resources:
        mem_mb=8000,
        runtime=240,
        gpu=int(str(EMBEDDING.get("device", "cpu")).startswith("cuda")),
    shell:
        "export OMP_NUM_THREADS={threads};"
        " {sys.executable} {params.command} --shard={wildcards.number} --out={params.out}"
