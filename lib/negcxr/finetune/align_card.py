"""The model card of a checkpoint whose text tower is a frozen sentence encoder."""

CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: zero-shot-image-classification
---

# {name}

{about}

The image side of a small `VisionTextDualEncoderModel` for the study *No Finding: how
chest X-ray CLIP models hear "no"*.
Its image tower has seen rendered phantoms alone, never a film, and is not for clinical use.
Its text tower is the published sentence encoder all-MiniLM-L6-v2 (Apache-2.0), unchanged;
it is not in this folder and has to be fetched.

| | |
|---|---|
| starts from | {start}, beside a frozen encoder |
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

## Use

The text tower is fetched by name and put beside this part, in the user's cache:

```bash
negcxr data fetch minilm
negcxr checkpoint assemble {name}
```

The second command prints the folder, which is a checkpoint like any other.
A row of a text is the mean over its tokens, as `1_Pooling/config.json` says, and not the
pooler output that plain `transformers` would take.

Training it again:

```bash
negcxr pretrain --recipe params/pretrain/{name}.yml --out FOLDER
```

The whole recipe is in `recipe.json`, the course of the training in `training.json`, and
what each part must be in `parts.json`.
"""
