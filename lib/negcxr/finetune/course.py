"""The course of a training: steps, their schedule, and states that are kept.

A step is a function of the state before it and of its batch, and all of the state is
kept, so a training that was killed and goes on ends at the weights of one that was not.
Pretraining and fine-tuning differ in their batches, losses and validations alone.

Limits: to the bit only on the same processor and number of threads.
"""

import json
import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer
from tqdm import tqdm

LONGEST_SCALE = math.log(100)  # CLIP's clamp of the logit scale
EXPLODED = 20.0  # times the first loss: no schedule of ours brings it there
STATE = "state.safetensors"


class Pace(NamedTuple):
    """How many steps there are, how many lead to the peak, and how often one is kept."""

    steps: int
    warmup: int
    keep_every: int

    def share(self, step: int) -> float:
        """Linear warm-up, then a cosine to zero; a share of the peak."""
        rise = min(1.0, (step + 1) / self.warmup)
        return rise * (1 + math.cos(math.pi * step / self.steps)) / 2


class Course(ABC):
    """A model on its way: weights, optimisers and the step it has reached.

    Attributes:
        name: What the progress is called.
        pace: Steps and schedule.
        at: The folder of the kept state.
        optimisers: Their groups hold the peak of their step as ``peak``.
        scale: The logit scale, clamped to [0, ln 100] after each step.
        clipped: Parameters whose common gradient is clipped to norm 1.
        step, seconds, log: How far it is, for how long, and a row a validation.
        noted: Attributes that a state keeps beside weights and optimisers.
    """

    noted: ClassVar[tuple[str, ...]] = ("step", "seconds", "log", "first_loss")
    name: str
    pace: Pace
    at: Path
    optimisers: Sequence[Optimizer]
    scale: Parameter
    clipped: Sequence[Parameter]

    def __init__(self) -> None:
        self.step, self.seconds = 0, 0.0
        self.log: list[dict[str, Any]] = []
        self.first_loss = math.nan

    @abstractmethod
    def loss(self, batch: Any) -> Tensor:
        """The objective on one batch."""

    @abstractmethod
    def weights(self) -> Mapping[str, Tensor]:
        """What a state holds of the model, by name; changed in place when it is resumed."""

    @abstractmethod
    def validate(self, loss: float) -> None:
        """Measure the model as it is, and add a row to the log."""

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.step >= self.pace.steps

    def train(self, batch_of: Callable[[int], Any]) -> None:
        """Every step that is left, with progress shown and states kept."""
        total = self.pace.steps
        with tqdm(total=total, initial=self.step, desc=self.name, mininterval=5) as bar:
            while not self.done:
                began = time.monotonic()
                loss = self.take_step(batch_of(self.step))
                self.seconds += time.monotonic() - began
                bar.update()
                bar.set_postfix(self.shown(loss), refresh=False)
                if self.step % self.pace.keep_every == 0 or self.step == total:
                    self.validate(loss)
                    self.keep()

    def shown(self, loss: float) -> dict[str, str]:
        """What stands beside the progress."""
        return {"loss": f"{loss:.4f}"}

    def take_step(self, batch: Any) -> float:
        """One step of every optimiser; returns the loss before it.

        Raises:
            FloatingPointError: The loss is not a number, or has exploded; the message
                names the step and where the last good state lies.
        """
        share = self.pace.share(self.step)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * share
            optimiser.zero_grad()
        loss = self.loss(batch)
        self._refuse_exploded(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.clipped, 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.scale.data.clamp_(0, LONGEST_SCALE)
        self.step += 1
        return loss.item()

    def _refuse_exploded(self, loss: float) -> None:
        if math.isnan(self.first_loss):
            self.first_loss = loss
        if math.isfinite(loss) and loss <= EXPLODED * max(1.0, self.first_loss):
            return
        kept = self.at / STATE
        last = f"the last good state is {kept}" if kept.exists() else "none was kept yet"
        raise FloatingPointError(
            f"{self.name}: loss is {loss:g} at step {self.step}, {self.first_loss:g} at "
            f"first; {last}; a smaller "
            f"lr helps most often; remove {self.at} to begin again with one"
        )

    def keep(self) -> None:
        """Write weights, optimisers and log, so that the next call goes on from here."""
        tensors = {f"model.{k}": v.contiguous() for k, v in self.weights().items()}
        for i, optimiser in enumerate(self.optimisers):
            for j, state in optimiser.state_dict()["state"].items():
                tensors |= {f"optimiser.{i}.{j}.{k}": v.clone() for k, v in state.items()}
        about = json.dumps({name: getattr(self, name) for name in self.noted})
        temporary = self.at / "state.tmp"
        save_file(tensors, temporary, metadata={"about": about})
        os.replace(temporary, self.at / STATE)

    def resume(self) -> None:
        """Go on from the state that was kept, if there is one."""
        path = self.at / STATE
        if not path.exists():
            return
        tensors = load_file(path)
        for name, value in self.weights().items():
            value.data.copy_(tensors[f"model.{name}"])
        for i, optimiser in enumerate(self.optimisers):
            optimiser.load_state_dict(_state_of(optimiser, tensors, f"optimiser.{i}."))
        for name, value in json.loads(_metadata(path)["about"]).items():
            setattr(self, name, value)
        tqdm.write(f"{self.name}: going on at step {self.step}")


def _metadata(path: Path) -> dict[str, str]:
    with safe_open(path, framework="pt") as file:
        return file.metadata()


def _state_of(optimiser: Optimizer, tensors: Mapping[str, Tensor], prefix: str) -> dict:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(prefix):
            index, name = key.removeprefix(prefix).split(".", 1)
            state.setdefault(int(index), {})[name] = value
    return {**optimiser.state_dict(), "state": state}
