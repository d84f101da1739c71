"""The model card of a fine-tuned checkpoint: base, method, data, and what it measures."""

import os

import numpy as np

from negcxr.finetune.judging import SELECTION, judge_draws, make_judge
from negcxr.finetune.tuning import Tuning
from negcxr.measure.intervals import summarise
from negcxr.models.encoder import DualEncoder
from negcxr.text.prompts import load_prompt_set

RESAMPLES = 1000
PROMPT_SET = "chest"


def card_text(run: Tuning, tuned: DualEncoder, name: str) -> str:
    """The card in Hugging Face's form; measures the finished weights once more.

    The measures are of the validation images: those of a run are in its results.
    """
    method, pool, judge = run.method, run.sources.pool, run.judge()
    asked = load_prompt_set(PROMPT_SET, pool.judged.findings)
    own = make_judge(asked, run.sources.validated, judge.rows, judge.patients)
    draws = judge_draws(own, tuned.encode_texts, n_resamples=RESAMPLES, seed=0)
    rows = [f"| {polarity} | {_cell(draws[polarity])} |" for polarity in SELECTION]
    return CARD.format(
        name=name,
        base=tuned.checkpoint.name,
        method=method.name,
        about=method.about,
        source=method.source or "ours",
        terms=_listed(method.terms),
        statements=_listed(method.statements),
        tune=method.tune,
        data=run.sources.data.dataset,
        policy=run.sources.policy,
        images=len(pool.rows),
        step=max(run.log, key=lambda row: row["selected"])["step"],
        steps=method.steps,
        batch=method.batch,
        seed=run.seed,
        share=method.share,
        minutes=run.seconds / 60,
        device=f"{os.cpu_count()} CPU cores"
        if tuned.device.type == "cpu"
        else tuned.device,
        table="\n".join(rows),
        n=len(judge.rows),
        prompts=PROMPT_SET,
    )


def _cell(draws: np.ndarray) -> str:
    value, low, high = summarise(draws)
    return "not evaluable" if np.isnan(value) else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _listed(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:g}" for name, share in shares.items())


CARD = """---
library_name: transformers
pipeline_tag: zero-shot-image-classification
---

# {name}

`{base}`, fine-tuned by the method `{method}` in the study *No Finding: how chest X-ray
CLIP models hear "no"*. Not for clinical use. The terms of its base and of its data hold
for it as well.

| | |
|---|---|
| base | {base} |
| method | {method}: {about} |
| after | {source} |
| objectives | {terms} |
| captions | {statements} |
| what was trained | {tune} |
| data | {images} training images of `{data}`, policy `{policy}` |
| steps x batch | {steps} x {batch}, the weights of step {step} kept |
| share of the way from the base | {share:g} |
| seed | {seed} |
| training time | {minutes:.1f} minutes on {device} |

## Measures

Mean AUROC over findings on {n} validation images, whose patients training never saw,
prompts averaged over the wordings of the prompt set `{prompts}`, some of which training
never saw either; with 95 % bootstrap intervals over patients. Chance is 0.5.

| prompts | AUROC |
|---|---|
{table}

The course of the training is in `training.parquet`, all that decided it in `method.json`.
"""
