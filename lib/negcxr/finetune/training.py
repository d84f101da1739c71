"""Pretraining: the losses, validations and optimisers of its course."""

import json
import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import Module, Parameter
from torch.nn.functional import normalize
from torch.optim import Optimizer
from tqdm import tqdm
from transformers import CLIPModel, CLIPTokenizer

from negcxr.finetune import card
from negcxr.finetune.corpus import Batch, Corpus
from negcxr.finetune.course import Course, Pace
from negcxr.finetune.objectives import Rows, con1, sigmoid
from negcxr.finetune.recipe import Recipe

MEAN, STD = 0.5, 0.25  # of grey levels in [0, 1], for the image processor and here
START_SCALE = math.log(10)  # SigLIP's
START_BIAS = -2.0  # near the share of statements that are true
SCALE_LR = 0.01  # scale and bias are single numbers, and move too slowly otherwise


class ImageTraining(Course):
    """An image tower, from pictures and texts; a subclass says how texts are read.

    Attributes:
        recipe: All that decides it.
        model: What is trained.
        card: The form of its model card.
        precision: Of the forward pass; weights are float32 throughout.
    """

    card: ClassVar[str] = card.CARD

    def __init__(self, recipe: Recipe, model: Module, at: Path) -> None:
        super().__init__()
        self.recipe, self.model, self.at = recipe, model, at
        self.name, self.scale = recipe.name, model.logit_scale
        self.precision: str = recipe.precision
        self.pace = Pace(recipe.steps, recipe.warmup, recipe.keep_every)
        self.bias = Parameter(torch.tensor(START_BIAS, device=model.device))
        self.optimisers = _optimisers(recipe, model, self.bias)
        self.clipped = list(model.parameters())

    def meet(self, corpus: Corpus) -> None:  # noqa: B027 (most have nothing to do)
        """Do what has to be done once, before the first step."""

    def weights(self) -> Mapping[str, Tensor]:
        """The whole model, and the bias of the sigmoid loss."""
        return {**self.model.state_dict(), "bias": self.bias.data}

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

    @abstractmethod
    def texts(self, texts: list[str]) -> Tensor:
        """Unit rows of texts."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model, and what reads texts, as a checkpoint has them."""

    def _rows(self, features: Callable) -> Tensor:
        dtype = getattr(torch, self.precision)
        with torch.autocast(self.model.device.type, dtype, enabled=dtype != torch.float32):
            rows = features().pooler_output
        return normalize(rows.float(), dim=-1)

    def validate(self, loss: float) -> None:
        """Mean affirmed and denied AUROC on phantoms of the validation split."""
        measures = card.validate(self.recipe, self.images, self.texts)
        row = {"step": self.step, "loss": loss, "seconds": self.seconds, **measures.means()}
        self.log.append(row)
        tqdm.write(json.dumps(row))


class Training(ImageTraining):
    """Both towers."""

    def __init__(
        self, recipe: Recipe, model: CLIPModel, tokenizer: CLIPTokenizer, at: Path
    ) -> None:
        super().__init__(recipe, model, at)
        self.tokenizer = tokenizer

    def texts(self, texts: list[str]) -> Tensor:
        """Unit rows of texts, padded to the longest: exact, since CLIP looks backwards."""
        ids = self.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        ids = ids["input_ids"].to(self.model.device)
        return self._rows(lambda: self.model.get_text_features(input_ids=ids))

    def save(self, folder: Path) -> None:
        """Write the model and its tokenizer."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


def _optimisers(recipe: Recipe, model: Module, bias: Parameter) -> list[Optimizer]:
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
