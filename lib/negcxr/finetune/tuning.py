"""One training: how a batch becomes rows and a loss, and which weights are the best.

Limits: the best weights are those of a validated step, so a better one between is missed.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from negcxr.finetune.adapt import groups, has_own_bias, open_weights, own_bias
from negcxr.finetune.batches import Batch, draw_batch
from negcxr.finetune.course import Course, Pace
from negcxr.finetune.judging import Judge, validated
from negcxr.finetune.methods import Method
from negcxr.finetune.objectives import OBJECTIVES, Rows
from negcxr.finetune.sources import Sources
from negcxr.finetune.towers import Towers
from negcxr.models.encoder import DualEncoder

BEST = "best.safetensors"


class Tuning(Course):
    """A text tower on its way; images are rows that stand still, or are read anew.

    Attributes:
        method: What is done.
        encoder: Whose weights change.
        sources: Statements, images, targets and the validation's queries.
        towers: Make the rows of a batch.
        tuned: The weights that are trained, by name.
        best: The value of the selection measure of the best weights so far.
        since: Validations since.
    """

    noted: ClassVar = (*Course.noted, "best", "since")

    def __init__(
        self,
        method: Method,
        encoder: DualEncoder,
        sources: Sources,
        *,
        at: Path,
        seed: int,
        dtype: str = "float32",
    ) -> None:
        super().__init__()
        self.method, self.encoder, self.sources, self.at = method, encoder, sources, at
        self.name, self.seed = method.name, seed
        moving = method.tune == "both"
        self.towers = Towers(encoder, sources, moving=moving, dtype=dtype)
        self.pace = Pace(method.steps, method.warmup, method.validate_every)
        self.tuned = open_weights(encoder, method, seed)
        self.scale = encoder.model.logit_scale.requires_grad_(True)
        self.bias = own_bias(encoder)
        self.best, self.since = -1.0, 0
        made = groups(
            self.tuned, [self.scale, self.bias], method, len(encoder.text_layers())
        )
        self.optimisers = [torch.optim.AdamW(list(made), lr=method.lr, betas=(0.9, 0.98))]
        self.clipped = list(self.tuned.values())

    @property
    def done(self) -> bool:
        """Whether no step is left, or none has helped for long."""
        return super().done or self.since >= self.method.patience

    def weights(self) -> Mapping[str, Tensor]:
        """What is trained, with scale and bias."""
        return {**self.tuned, "logit_scale": self.scale, "bias": self.bias}

    def begin(self) -> None:
        """Go on from what was kept; at the very start, measure and keep the base itself."""
        self.resume()
        if not self.log:
            if "sigmoid" in self.method.terms and not has_own_bias(self.encoder):
                self._settle_bias(self.batch(0))
            self.validate(float("nan"))
            self.keep()

    def batch(self, step: int) -> Batch:
        """The batch of a step."""
        how = {"seed": self.seed, "step": step, "images": self.method.images}
        return draw_batch(self.sources.pool, self.method.batch, **how)

    def loss(self, batch: Batch) -> Tensor:
        """The weighted sum of the method's terms on one batch."""
        rows = self.rows(batch)
        terms = self.method.terms.items()
        return torch.stack([w * OBJECTIVES[name](rows) for name, w in terms if w]).sum()

    def rows(self, batch: Batch) -> Rows:
        """A batch in the encoder's space, with all that a term may ask for."""
        n = len(batch.images)
        images = self.towers.images(np.concatenate([batch.images, batch.distractors]))
        texts = self.towers.texts([statement.text for statement in batch.statements])
        known = self.sources.pool.judged.relevance[[*batch.images, *batch.distractors]]
        targets = self.sources.targets
        return Rows(
            images=images[:n],
            texts=texts[:n],
            scale=self.scale.exp(),
            bias=self.bias,
            opposed=texts[n:],
            distractors=images[n:],
            true=self._tensor(batch.true),
            options=torch.as_tensor(batch.options, device=images.device),
            candidates=torch.as_tensor(batch.candidates, device=images.device),
            labels=self._tensor(known),
            targets=targets.of(batch.statements) if targets else None,
        )

    def validate(self, loss: float) -> None:
        """AUROC on the validation images, and whether it is the best so far."""
        found = validated(self.judge(self.encoder), self.encoder.encode_texts)
        self.since = 0 if found["selected"] > self.best else self.since + 1
        self.best = max(self.best, found["selected"])
        lr = self.method.lr * self.pace.share(self.step - 1) if self.step else 0.0
        row = {"step": self.step, "loss": loss, **found, "seconds": self.seconds, "lr": lr}
        self.log.append(row)

    def keep(self) -> None:
        """Keep the state, and the weights apart where they are the best so far.

        They go first: a training that is killed between the two makes them again.
        """
        if self.since == 0:
            temporary = self.at / "best.tmp"
            tensors = {name: value.contiguous() for name, value in self.weights().items()}
            save_file(tensors, temporary)
            os.replace(temporary, self.at / BEST)
        super().keep()

    def take_best(self) -> None:
        """Put the best weights in place of the last."""
        kept = load_file(self.at / BEST)
        for name, value in self.weights().items():
            value.data.copy_(kept[name])

    def shown(self, loss: float) -> dict[str, str]:
        """What stands beside the progress: the loss, and the last validation."""
        last = {"validation": f"{self.log[-1]['selected']:.3f}"} if self.log else {}
        return {**super().shown(loss), **last}

    def judge(self, encoder: DualEncoder) -> Judge:
        """The validation's queries, on images as an encoder sees them."""
        judge, images = self.sources.judge, self.sources.validation
        if not self.towers.moving:
            return judge
        opened = [images.open(place) for place in range(len(judge.rows))]
        return judge._replace(rows=encoder.encode_images(opened))

    def _settle_bias(self, batch: Batch) -> None:
        """Start the sigmoid loss where its pairs are undecided on average.

        CLIP has no bias of its own, and steps spent to find its level are lost.
        """
        with torch.no_grad():
            rows = self.rows(batch)
            images = torch.cat([rows.images, rows.distractors])
            texts = torch.cat([rows.texts, rows.opposed])
            self.bias.data.fill_(-(rows.scale * images @ texts.T).mean())

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.as_tensor(array, dtype=torch.float32, device=self.encoder.device)
