"""Two usual ways to embed, as they are mostly written, to measure ours against.

A plain loop takes one image and one text at a time, texts padded in full. A harness has a
torch DataLoader that transforms each image, fixed batches, and the prompts of each finding
encoded together. Neither keeps anything.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

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
        rows.append(torch.nn.functional.normalize(features, dim=-1))
    return torch.cat(rows).numpy()


@torch.no_grad()
def loop_texts(encoder: DualEncoder, texts: list[str]) -> np.ndarray:
    """A unit row a text, one at a time."""
    rows = []
    for text in texts:
        features = encoder.model.get_text_features(**_padded(encoder, [text]))
        rows.append(torch.nn.functional.normalize(features.pooler_output[0], dim=-1))
    return torch.stack(rows).numpy()


@torch.no_grad()
def harness_texts(encoder: DualEncoder, prompts: list[tuple[str, str]]) -> np.ndarray:
    """A unit row a prompt, the prompts of a finding together."""
    rows: dict[int, torch.Tensor] = {}
    for finding in dict.fromkeys(finding for finding, _ in prompts):
        places = [i for i, (own, _) in enumerate(prompts) if own == finding]
        inputs = _padded(encoder, [prompts[i][1] for i in places])
        features = encoder.model.get_text_features(**inputs).pooler_output
        rows |= zip(places, torch.nn.functional.normalize(features, dim=-1), strict=True)
    return torch.stack([rows[i] for i in range(len(prompts))]).numpy()


def _padded(encoder: DualEncoder, texts: list[str]) -> dict[str, torch.Tensor]:
    ids = encoder.tokenizer(
        texts,
        padding="max_length",
        truncation=True,
        max_length=encoder.text_length,
        return_tensors="pt",
    )["input_ids"]
    return {"input_ids": ids}
