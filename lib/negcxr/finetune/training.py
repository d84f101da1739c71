"""The course of a training: steps, schedules, validation, and states that are kept.

A step is a function of the state before it and of its batch, and all of the state is
kept, so a training that was killed and goes on ends at the weights of one that was not.

Limits: to the bit only on the same processor and number of threads.
"""

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import Parameter
from torch.nn.functional import normalize
from tqdm import tqdm
from transformers import CLIPModel, CLIPTokenizer

from negcxr.finetune import card
from negcxr.finetune.corpus import BATCHES, Batch, Corpus
from negcxr.finetune.objectives import Rows, con1, sigmoid
from negcxr.finetune.recipe import Recipe

MEAN, STD = 0.5, 0.25  # of grey levels in [0, 1], for the image processor and here
LONGEST_SCALE = math.log(100)  # CLIP's clamp of the logit scale
START_BIAS = -2.0  # near the share of statements that are true
SCALE_LR = 0.01  # scale and bias are single numbers, and move too slowly otherwise


class Training:
    """A model on its way: weights, optimisers and the step it has reached."""

    def __init__(
        self, recipe: Recipe, model: CLIPModel, tokenizer: CLIPTokenizer, at: Path
    ):
        self.recipe, self.model, self.tokenizer, self.at = recipe, model, tokenizer, at
        self.bias = Parameter(torch.tensor(START_BIAS, device=model.device))
        self.optimisers = _optimisers(recipe, model, self.bias)
        self.step, self.seconds, self.log = 0, 0.0, []

    def train(self, corpus: Corpus) -> None:
        """Every step that is left, with progress shown and states kept."""
        recipe, batch_of = self.recipe, BATCHES[self.recipe.objective]
        bar = tqdm(total=recipe.steps, initial=self.step, desc=recipe.name, mininterval=5)
        with bar:
            while self.step < recipe.steps:
                began = time.monotonic()
                loss = self.take_step(batch_of(corpus, recipe, self.step))
                self.seconds += time.monotonic() - began
                bar.update()
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
                if self.step % recipe.keep_every == 0 or self.step == recipe.steps:
                    self.validate(loss)
                    self.keep()

    def take_step(self, batch: Batch) -> float:
        """One step of every optimiser; returns the loss before it."""
        share = _schedule(self.step, self.recipe)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * share
            optimiser.zero_grad()
        loss = self.loss(batch)
        if not torch.isfinite(loss):
            raise FloatingPointError(
                f"loss is {loss.item()} at step {self.step}; see {self.at}"
            )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.model.logit_scale.data.clamp_(0, LONGEST_SCALE)
        self.step += 1
        return loss.item()

    def loss(self, batch: Batch) -> Tensor:
        """The recipe's objective on one batch."""
        images, texts = self.images(batch.pixels), self.texts(batch.texts)
        rows = Rows(images, texts, scale=self.model.logit_scale.exp(), bias=self.bias)
        if self.recipe.objective == "captions":
            return con1(rows)
        return sigmoid(rows._replace(true=torch.from_numpy(batch.true).to(images)))

    def images(self, pixels: np.ndarray) -> Tensor:
        """Unit rows of pictures."""
        grey = torch.from_numpy(np.array(pixels)).to(self.model.device, torch.float32) / 255
        values = ((grey - MEAN) / STD)[:, None].expand(-1, 3, -1, -1)
        return self._rows(lambda: self.model.get_image_features(pixel_values=values))

    def texts(self, texts: list[str]) -> Tensor:
        """Unit rows of texts, padded to the longest: exact, since CLIP looks backwards."""
        ids = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        ids = ids["input_ids"].to(self.model.device)
        return self._rows(lambda: self.model.get_text_features(input_ids=ids))

    def _rows(self, features: Callable) -> Tensor:
        dtype = getattr(torch, self.recipe.precision)
        with torch.autocast(self.model.device.type, dtype, enabled=dtype != torch.float32):
            rows = features().pooler_output
        return normalize(rows.float(), dim=-1)

    def validate(self, loss: float) -> None:
        """Mean affirmed and denied AUROC on phantoms of the validation split."""
        measures = card.validate(self.recipe, self.images, self.texts)
        row = {"step": self.step, "loss": loss, "seconds": self.seconds, **measures.means()}
        self.log.append(row)
        tqdm.write(json.dumps(row))

    def keep(self) -> None:
        """Write weights, optimisers and log, so that the next call goes on from here."""
        tensors = {f"model.{k}": v.contiguous() for k, v in self.model.state_dict().items()}
        tensors["bias"] = self.bias.data
        for i, optimiser in enumerate(self.optimisers):
            for j, state in optimiser.state_dict()["state"].items():
                tensors |= {f"optimiser.{i}.{j}.{k}": v.clone() for k, v in state.items()}
        about = {"step": self.step, "seconds": self.seconds, "log": self.log}
        temporary = self.at / "state.tmp"
        save_file(tensors, temporary, metadata={"about": json.dumps(about)})
        os.replace(temporary, self.at / "state.safetensors")

    def resume(self) -> None:
        """Go on from the state that was kept, if there is one."""
        path = self.at / "state.safetensors"
        if not path.exists():
            return
        tensors = load_file(path)
        about = json.loads(_metadata(path)["about"])
        weights = {k[6:]: v for k, v in tensors.items() if k.startswith("model.")}
        self.model.load_state_dict(weights)
        self.bias.data.copy_(tensors["bias"])
        for i, optimiser in enumerate(self.optimisers):
            optimiser.load_state_dict(_state_of(optimiser, tensors, f"optimiser.{i}."))
        self.step, self.seconds, self.log = about["step"], about["seconds"], about["log"]
        tqdm.write(f"going on at step {self.step}")


def _metadata(path: Path) -> dict[str, str]:
    with safe_open(path, framework="pt") as file:
        return file.metadata()


def _state_of(optimiser, tensors: dict[str, Tensor], prefix: str) -> dict:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(prefix):
            index, name = key.removeprefix(prefix).split(".", 1)
            state.setdefault(int(index), {})[name] = value
    return {**optimiser.state_dict(), "state": state}


def _optimisers(recipe: Recipe, model: CLIPModel, bias: Parameter) -> list:
    """Muon for the matrices inside the layers, AdamW for everything else."""
    matrices, wide, narrow = [], [], []
    for name, parameter in model.named_parameters():
        if name == "logit_scale":
            continue
        inside = ".layers." in name and parameter.ndim == 2
        (matrices if inside else wide if parameter.ndim > 1 else narrow).append(parameter)
    decay = recipe.weight_decay
    groups = [
        {"params": wide, "weight_decay": decay, "peak": recipe.lr},
        {"params": narrow, "weight_decay": 0.0, "peak": recipe.lr},
        {"params": [model.logit_scale, bias], "weight_decay": 0.0, "peak": SCALE_LR},
    ]
    inner = [{"params": matrices, "peak": recipe.matrix_lr}]
    return [
        torch.optim.AdamW(groups, lr=recipe.lr, betas=(0.9, 0.98)),
        torch.optim.Muon(inner, lr=recipe.matrix_lr, weight_decay=decay, momentum=0.95),
    ]


def _schedule(step: int, recipe: Recipe) -> float:
    """Linear warm-up, then a cosine to zero; a share of the peak."""
    rise = min(1.0, (step + 1) / recipe.warmup)
    return rise * (1 + math.cos(math.pi * step / recipe.steps)) / 2
