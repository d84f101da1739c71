"""What an embedded checkpoint is and does, measured and written down as its model card."""

import os
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from negcxr.data import phantoms
from negcxr.data.truth import FINDINGS
from negcxr.finetune.corpus import Corpus, rates
from negcxr.finetune.recipe import Recipe
from negcxr.measure.ensembles import normalise_average_normalise
from negcxr.measure.intervals import mean_over, summarise
from negcxr.measure.retrieval import auroc_draws
from negcxr.text.prompts import load_prompt_set

VALIDATION_IMAGES = 1000
RESAMPLES = 1000
BATCH = 250


class Measures(NamedTuple):
    """AUROC on validation phantoms: the sample first, then each resample."""

    affirmed: Float[np.ndarray, "finding draw"]
    denied: Float[np.ndarray, "finding draw"]

    def means(self) -> dict[str, float]:
        """Mean over findings on the sample."""
        return {name: float(mean_over(rows)[0]) for name, rows in self._asdict().items()}


@torch.no_grad()
def validate(
    recipe: Recipe,
    embed_images: Callable[[np.ndarray], Tensor],
    embed_texts: Callable[[list[str]], Tensor],
) -> Measures:
    """AUROC of affirmed and of denied prompts on phantoms of the validation split."""
    n, size = validated(recipe), recipe.vision["image_size"]
    drawn = phantoms.Recipe("val", n, recipe.seed, size)
    pixels = drawn.pixels()
    starts = range(0, len(pixels), BATCH)
    images = np.concatenate([embed_images(pixels[i : i + BATCH]).cpu() for i in starts])
    present = np.array([[float(t.has(f)) for f in FINDINGS] for t in drawn.truths()])
    prompts = load_prompt_set("chest", FINDINGS)
    names = np.array([str(i) for i in range(len(images))])

    def draws(polarity: str, relevance: np.ndarray) -> np.ndarray:
        rows = []
        for finding in FINDINGS:
            asked = [
                p.text for p in prompts if (p.finding, p.polarity) == (finding, polarity)
            ]
            texts = embed_texts(asked).cpu().numpy()
            rows.append(normalise_average_normalise(images, texts))
        scores = np.array(rows)
        few = min(RESAMPLES, len(images))  # where few are looked at, it is to be quick
        return auroc_draws(scores, relevance.T, names, n_resamples=few, seed=0)

    return Measures(draws("affirmed", present), draws("denied", 1 - present))


def validated(recipe: Recipe) -> int:
    """How many phantoms of the validation split a training is measured on."""
    return recipe.validation_images or VALIDATION_IMAGES


def text(
    recipe: Recipe,
    corpus: Corpus,
    measures: Measures,
    *,
    seconds: float,
    device: str,
    form: str = "",
) -> str:
    """The model card, Hugging Face's form; ``form`` may have other words than ``CARD``."""
    captions = recipe.sentences if recipe.objective == "captions" else 0
    denial = rates(corpus.reports, captions)
    rows = [
        f"| {finding} | {cell(affirmed)} | {cell(denied)} |"
        for finding, affirmed, denied in zip(FINDINGS, *measures, strict=True)
    ]
    mean = [cell(mean_over(part)) for part in measures]
    return (form or CARD).format(
        name=recipe.name,
        about=recipe.about,
        start=recipe.start or "random weights",
        objective=recipe.objective,
        bias=", ".join(f"{name} {value}" for name, value in recipe.bias.items()),
        rates=", ".join(f"{share:.2%} per {unit}" for unit, share in denial.items()),
        images=len(corpus.reports),
        steps=recipe.steps,
        batch=recipe.batch,
        seed=recipe.seed,
        minutes=seconds / 60,
        device=f"{os.cpu_count()} CPU cores" if device == "cpu" else device,
        table="\n".join(rows + [f"| mean | {mean[0]} | {mean[1]} |"]),
        n=validated(recipe),
        example=next(report.text for report in corpus.reports if report.sentences),
    )


def cell(draws: Float[np.ndarray, " draw"]) -> str:
    """A measure and its interval, as a row of a card has them."""
    value, low, high = summarise(draws)
    if np.isnan(value):
        return "not evaluable"
    # z: what rounds to zero has no minus sign
    return f"{value:z.3f}" + ("" if np.isnan(low) else f" [{low:z.3f}, {high:z.3f}]")


# What every card of a checkpoint made here says, whatever its form.
FRONT = """---
license: apache-2.0
library_name: transformers
pipeline_tag: zero-shot-image-classification
---

# {name}

{about}
"""
MEASURED = """\
| data | {images} rendered phantoms (split train, seed {seed}), one report each |
| reporting bias | {bias} |
| denials in the reports | {rates} |
| objective | {objective} |
| steps x batch | {steps} x {batch} |
| training time | {minutes:.0f} minutes on {device} |

A report it was trained on: "{example}"

## Measures

AUROC on {n} phantoms of the validation split that training never saw, prompts averaged
over the wordings of the prompt set `chest`, with 95 % bootstrap intervals over phantoms.
Chance is 0.5; a model that does not hear the denial has the mirror image of its affirmed
AUROC, far below chance.

| finding | affirmed | denied |
|---|---|---|
{table}
"""
CARD = (
    FRONT
    + """
A small `CLIPModel` for the study *No Finding: how chest X-ray CLIP models hear "no"*.
It has seen rendered phantoms alone, never a film, and is not for clinical use.

| | |
|---|---|
| starts from | {start} |
"""
    + MEASURED
    + """
## Use

```python
from transformers import CLIPModel, CLIPTokenizer
model = CLIPModel.from_pretrained("checkpoints/{name}", use_safetensors=True)
```

Training it again takes about a quarter of an hour on two cores:

```bash
negcxr pretrain --recipe params/pretrain/{name}.yml --out FOLDER
```

The whole recipe is in `recipe.json`, the course of the training in `training.json`.
"""
)
