"""The model card of a fine-tuned checkpoint: base, method, data, and what it measures."""

from collections.abc import Iterator

import torch

from negcxr.finetune.card import cell
from negcxr.finetune.judging import SELECTION, judge_draws, make_judge
from negcxr.finetune.tuning import Tuning
from negcxr.models.encoder import DualEncoder
from negcxr.text.prompts import load_prompt_set

RESAMPLES = 1000
PROMPT_SET = "chest"


def card_text(run: Tuning, tuned: DualEncoder, name: str) -> str:
    """The card in Hugging Face's form; measures the finished weights once more.

    The measures are of the validation images: those of a run are in its results.
    """
    return CARD.format(
        name=name,
        base=run.encoder.checkpoint.name,
        method=run.method,
        source=run.method.source or "ours",
        terms=_listed(run.method.terms),
        statements=_listed(run.method.statements),
        text=run.method.text,
        sources=run.sources,
        images=len(run.sources.pool.rows),
        last=run.step,
        best=max(run.log, key=lambda row: row["selected"])["step"],
        seed=run.seed,
        minutes=run.seconds / 60,
        device=_named(tuned.device),
        table="\n".join(_table(run, tuned)),
        n=len(run.sources.judge.rows),
        prompts=PROMPT_SET,
    )


def _table(run: Tuning, tuned: DualEncoder) -> Iterator[str]:
    judged, judge = run.sources.validated, run.judge(tuned)
    asked = load_prompt_set(PROMPT_SET, judged.findings)
    own = make_judge(asked, judged, judge.rows, judge.patients)
    draws = judge_draws(own, tuned.encode_texts, n_resamples=RESAMPLES, seed=0)
    for polarity in SELECTION:
        yield f"| {polarity} | {cell(draws[polarity])} |"


def _named(device: torch.device) -> str:
    return f"{torch.get_num_threads()} CPU threads" if device.type == "cpu" else str(device)


def _listed(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:g}" for name, share in shares.items())


CARD = """---
library_name: transformers
pipeline_tag: zero-shot-image-classification
---

# {name}

`{base}`, fine-tuned by the method `{method.name}` in the study *No Finding: how chest X-ray
CLIP models hear "no"*. Not for clinical use. The terms of its base and of its data hold
for it as well.

| | |
|---|---|
| base | {base} |
| method | {method.name}: {method.about} |
| after | {source} |
| objectives | {terms} |
| captions | {statements} |
| their text | {text} |
| what was trained | {method.tune} |
| data | {images} training images of `{sources.data.dataset}`, policy `{sources.policy}` |
| steps x batch | {last} x {method.batch}, the weights of step {best} kept |
| share of the way from the base | {method.share:g} |
| seed | {seed} |
| training time | {minutes:.1f} minutes on {device} |

## Measures

Mean AUROC over findings on {n} validation images, whose patients training never saw but
which chose the step that was kept; prompts averaged over the wordings of the
prompt set `{prompts}`, some of which training never saw either; with 95 % bootstrap
intervals over patients. Chance is 0.5.

| prompts | AUROC |
|---|---|
{table}

The course of the training is in `training.parquet`, all that decided it in `method.json`.
"""
