"""Pretraining of the embedded checkpoints on phantoms, from a recipe to a folder.

The towers are CLIP's, small; every matrix of the layers is stepped by Muon and the rest
by AdamW, which on two cores reaches in minutes what AdamW alone reaches in an hour. The
batch of a step depends on seed and step alone and the optimisers' state is kept, so a
run that is killed goes on where it stopped. One checkpoint starts from random weights,
the others go on from it, as clinical models go on from weights of the web.

Limits: the forward pass is in bfloat16 by default, whose rounding differs between
processors, so a re-run on another machine gives other weights of the same quality. What
it changes of the first loss stands beside the weights.
"""

import json
import os
import shutil
from functools import lru_cache
from pathlib import Path

import torch
from pydantic import ValidationError
from tqdm import tqdm
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

from negcxr.data.phantoms import truths
from negcxr.data.reports import Bias
from negcxr.data.truth import World
from negcxr.errors import InputError
from negcxr.finetune import align, card
from negcxr.finetune.corpus import BATCHES, Corpus, load_corpus, write_reports
from negcxr.finetune.halves import PRECISION, keep_precision
from negcxr.finetune.recipe import Recipe
from negcxr.finetune.tokenizer import train_tokenizer
from negcxr.finetune.training import MEAN, START_SCALE, STD, ImageTraining, Training
from negcxr.paths import at_root

CONTEXT = 77  # tokens, as CLIP's
SPECIAL = ("bos", "eos", "pad")


def pretrain(recipe: Recipe, out: Path, *, device: str = "cpu") -> Path:
    """Train a checkpoint into ``out``, or go on with an unfinished one.

    Returns:
        ``out``, a folder that every notebook and plain ``transformers`` can load.

    Raises:
        InputError: ``out`` holds a run of another recipe or something else, or the
            checkpoint to start from is missing or of other sizes.
        FloatingPointError: The loss is not a number; the last good state is kept.
    """
    if out.exists():
        _refuse_other_recipe(out, recipe)
        tqdm.write(f"{out} is finished; nothing to do")
        return out
    partly = out.with_name(out.name + ".partial")
    _claim(partly, recipe)
    run = _begin(recipe, partly, device)
    corpus = load_corpus(recipe)
    run.meet(corpus)
    run.resume()
    batch_of = BATCHES[recipe.objective]
    keep_precision(run, lambda: batch_of(corpus, recipe, 0))
    run.train(lambda step: batch_of(corpus, recipe, step))
    _finish(run, corpus, out)
    return out


def _claim(partly: Path, recipe: Recipe) -> None:
    partly.mkdir(parents=True, exist_ok=True)
    path = partly / "recipe.json"
    if path.exists():
        return _refuse_other_recipe(partly, recipe)
    path.with_suffix(".tmp").write_text(recipe.model_dump_json(indent=1))
    os.replace(path.with_suffix(".tmp"), path)


def _refuse_other_recipe(folder: Path, recipe: Recipe) -> None:
    path = folder / "recipe.json"
    try:
        same = Recipe.model_validate_json(path.read_text()) == recipe
    except (OSError, ValidationError):
        raise InputError(f"{folder} holds no {path.name} of ours; name another") from None
    if not same:
        raise InputError(f"{path} is of another recipe; finish it, or delete {folder}")


def _begin(recipe: Recipe, at: Path, device: str) -> ImageTraining:
    if recipe.encoder:
        return align.begin(recipe, at, device)
    model, tokenizer = _start(recipe)
    return Training(recipe, model.to(device), tokenizer, at)


def _start(recipe: Recipe) -> tuple[CLIPModel, CLIPTokenizer]:
    torch.manual_seed(recipe.seed)  # transformers draws first weights from torch's own
    if recipe.start:
        return _load_start(recipe)
    tokenizer = _tokenizer(min(5000, recipe.images), recipe.seed, recipe.vocab_size)
    ids = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in SPECIAL}
    text = {**recipe.text, **ids, "vocab_size": len(tokenizer)}
    text["max_position_embeddings"] = CONTEXT
    config = CLIPConfig(
        text_config=text, vision_config=recipe.vision, projection_dim=recipe.projection
    )
    model = CLIPModel(config)
    # Eager attention: on a CPU in bfloat16 it is about ten times faster here than sdpa.
    model.set_attn_implementation("eager")
    model.logit_scale.data.fill_(START_SCALE)
    return model, tokenizer


def _load_start(recipe: Recipe) -> tuple[CLIPModel, CLIPTokenizer]:
    folder = at_root(recipe.start)
    if not (folder / "config.json").is_file():
        raise InputError(f"start: {folder} is no checkpoint; train it first")
    how = {"use_safetensors": True, "local_files_only": True}
    model = CLIPModel.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", **how
    )
    for tower in ("vision", "text"):
        config = getattr(model.config, f"{tower}_config")
        for name, size in getattr(recipe, tower).items():
            if getattr(config, name) != size:
                own = getattr(config, name)
                raise InputError(f"start: {tower}.{name} of {folder} is {own}, not {size}")
    return model, CLIPTokenizer.from_pretrained(folder, local_files_only=True)


@lru_cache(maxsize=2)  # the same for recipes that differ in their reports
def _tokenizer(n: int, seed: int, vocab_size: int) -> CLIPTokenizer:
    spoken = Bias(deny=0.6, hedge=0.1, equivalent=0.2, scope=0.3)  # every word of both
    some = truths(seed, "train", range(n), World())
    texts = (report.text for report in write_reports(some, spoken))
    return train_tokenizer(texts, vocab_size=vocab_size, text_length=CONTEXT)


def _finish(run: ImageTraining, corpus: Corpus, out: Path) -> None:
    """Lay the checkpoint beside its place, whole, then move it there."""
    ready = run.at / "checkpoint"
    device = run.model.device.type
    run.model.to("cpu")
    size = run.recipe.vision["image_size"]
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": size},
        crop_size={"height": size, "width": size},
        image_mean=[MEAN] * 3,
        image_std=[STD] * 3,
    )
    processor.save_pretrained(ready)
    run.save(ready)
    (ready / "training.json").write_text(json.dumps(run.log, indent=1))
    for name in ("recipe.json", PRECISION):
        if (run.at / name).is_file():
            shutil.copy(run.at / name, ready / name)
    measures = card.validate(run.recipe, run.images, run.texts)
    spent = {"seconds": run.seconds, "device": device}
    told = card.text(run.recipe, corpus, measures, form=run.card, **spent)
    (ready / "README.md").write_text(told)
    os.replace(ready, out)
    shutil.rmtree(run.at)
