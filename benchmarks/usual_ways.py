"""Usual ways to embed and fine-tune, as they are mostly written, to measure ours against.

A plain loop embeds one image and one text at a time, texts padded in full. A harness has a
torch DataLoader that transforms each image, fixed batches, and the prompts of each finding
encoded together. A plain fine-tuning sends images through the frozen tower and texts,
padded in full, through the other one, in each step. None keeps anything.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import cross_entropy, normalize

from negcxr.finetune.adapt import SCALE_LR
from negcxr.finetune.batches import Batch
from negcxr.finetune.methods import Method
from negcxr.models.encoder import DualEncoder

BATCH, WORKERS = 64, 2


class Transformed(torch.utils.data.Dataset):
    """Files as a harness reads them: open, resize, crop, scale, one at a time."""

    def __init__(self, files: Sequence[Path], encoder: DualEncoder) -> None:
        """Take size and normalisation from the checkpoint's own settings."""
        folder = encoder.checkpoint.folder
        settings = json.loads((folder / "preprocessor_config.json").read_text())
        self.files = files
        self.size = encoder.model.config.vision_config.image_size
        shape = (3, 1, 1)
        self.mean = torch.tensor(settings["image_mean"]).reshape(shape)
        self.std = torch.tensor(settings["image_std"]).reshape(shape)

    def __len__(self) -> int:
        """How many files there are."""
        return len(self.files)

    def __getitem__(self, place: int) -> torch.Tensor:
        """The pixels of one file."""
        image = Image.open(self.files[place]).convert("RGB")
        scale = self.size / min(image.size)
        size = [int(side * scale) for side in image.size]
        image = image.resize(size, Image.Resampling.BICUBIC)
        left, top = ((side - self.size) // 2 for side in size)
        image = image.crop((left, top, left + self.size, top + self.size))
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255
        return (pixels - self.mean) / self.std


@torch.no_grad()
def loop_images(encoder: DualEncoder, files: Sequence[Path]) -> np.ndarray:
    """A unit row a file, one at a time through processor and model."""
    rows = []
    for file in files:
        pixels = encoder._images(Image.open(file).convert("RGB"), return_tensors="pt")
        features = encoder.model.get_image_features(**pixels).pooler_output[0]
        rows.append((features / features.norm()).numpy())
    return np.stack(rows)


@torch.no_grad()
def harness_images(encoder: DualEncoder, files: Sequence[Path]) -> np.ndarray:
    """A unit row a file, in batches from a loader."""
    loader = torch.utils.data.DataLoader(
        Transformed(files, encoder), batch_size=BATCH, num_workers=WORKERS
    )
    rows = []
    for pixels in loader:
        features = encoder.model.get_image_features(pixel_values=pixels).pooler_output
        rows.append(normalize(features, dim=-1))
    return torch.cat(rows).numpy()


@torch.no_grad()
def loop_texts(encoder: DualEncoder, texts: list[str]) -> np.ndarray:
    """A unit row a text, one at a time."""
    rows = []
    for text in texts:
        features = encoder.model.get_text_features(**_padded(encoder, [text]))
        rows.append(normalize(features.pooler_output[0], dim=-1))
    return torch.stack(rows).numpy()


@torch.no_grad()
def harness_texts(encoder: DualEncoder, prompts: list[tuple[str, str]]) -> np.ndarray:
    """A unit row a prompt, the prompts of a finding together."""
    rows: dict[int, torch.Tensor] = {}
    for finding in dict.fromkeys(finding for finding, _ in prompts):
        places = [i for i, (own, _) in enumerate(prompts) if own == finding]
        inputs = _padded(encoder, [prompts[i][1] for i in places])
        features = encoder.model.get_text_features(**inputs).pooler_output
        rows |= zip(places, normalize(features, dim=-1), strict=True)
    return torch.stack([rows[i] for i in range(len(prompts))]).numpy()


def loop_finetune(
    encoder: DualEncoder,
    batches: Iterable[Batch],
    pixels: Mapping[int, torch.Tensor],
    method: Method,
) -> Iterator[float]:
    """CoN-CLIP's loss before each step; the image tower is frozen and still read."""
    model = encoder.model.requires_grad_(False)
    text = [p for name, p in model.named_parameters() if name.startswith("text_")]
    scale = model.logit_scale
    for parameter in (*text, scale):
        parameter.requires_grad_(True)
    wide, narrow = ([p for p in text if (p.ndim > 1) == many] for many in (True, False))
    optimiser = torch.optim.AdamW(
        [
            {"params": wide, "weight_decay": method.weight_decay},
            {"params": narrow, "weight_decay": 0.0},
            {"params": [scale], "weight_decay": 0.0, "lr": SCALE_LR},
        ],
        lr=method.lr,
        betas=(0.9, 0.98),
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, partial(_rate, method))
    for batch in batches:
        optimiser.zero_grad()
        loss = _con2(encoder, batch, pixels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(text, 1.0)
        optimiser.step()
        schedule.step()
        scale.data.clamp_(0, math.log(100))
        yield loss.item()


def _con2(
    encoder: DualEncoder, batch: Batch, pixels: Mapping[int, torch.Tensor]
) -> torch.Tensor:
    """CoN-CLIP's loss by four passes: images, distractors, captions, oppositions."""
    model, own = encoder.model, torch.arange(len(batch.images))
    with torch.no_grad():
        images, distractors = (
            model.get_image_features(torch.stack([pixels[place] for place in places]))
            for places in (batch.images.tolist(), batch.distractors.tolist())
        )
    texts = [statement.text for statement in batch.statements]
    captions, opposed = (
        model.get_text_features(**_padded(encoder, some))
        for some in (texts[: len(own)], texts[len(own) :])
    )
    i, d, t, o = (
        normalize(made.pooler_output, dim=-1)
        for made in (images, distractors, captions, opposed)
    )
    sides = (i @ torch.cat([t, o]).T, t @ torch.cat([i, d]).T, d @ torch.cat([o, t]).T)
    return sum(cross_entropy(model.logit_scale.exp() * side, own) for side in sides) / 3


def _rate(method: Method, step: int) -> float:
    """Linear warm-up, then a cosine to zero."""
    rise = min(1.0, (step + 1) / method.warmup)
    return rise * (1 + math.cos(math.pi * step / method.steps)) / 2


def _padded(encoder: DualEncoder, texts: list[str]) -> dict[str, torch.Tensor]:
    ids = encoder.tokenizer(
        texts,
        padding="max_length",
        truncation=True,
        max_length=encoder.text_length,
        return_tensors="pt",
    )["input_ids"]
    return {"input_ids": ids}
