"""The model card of a checkpoint whose text tower is a frozen sentence encoder."""

from negcxr.finetune.card import FRONT, MEASURED

CARD = (
    FRONT
    + """
The image side of a small `VisionTextDualEncoderModel` for the study *No Finding: how
chest X-ray CLIP models hear "no"*.
Its image tower has seen rendered phantoms alone, never a film, and is not for clinical use.
Its text tower is the published sentence encoder all-MiniLM-L6-v2 (Apache-2.0), unchanged;
it is not in this folder and has to be fetched.

| | |
|---|---|
| starts from | {start}, beside a frozen encoder |
"""
    + MEASURED
    + """
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
)
