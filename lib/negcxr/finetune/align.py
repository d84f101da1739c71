"""Alignment of an image tower with a sentence encoder that stays as it is.

Idea: a small text tower that has read phantoms' reports alone may be deaf to "no" for a
reason of its own: it has hardly met the word. So a real language model, which was trained
on sentences of all kinds, becomes the text tower, and only the image tower and the ways
into the common space are trained, on statements that affirm. What "no" then does is what
the language model makes of it, and what a projection that met no denial leaves of that.

The encoder is frozen, so each distinct statement is read once, before the first step, and
a step costs an image tower alone. What is kept is the part that was trained;
``negcxr.models.assemble`` puts it together with the encoder.

Limits: the mean over tokens alone; a projection without a bias makes the length of that
mean indifferent, so training sees unit rows where transformers would not.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import normalize
from transformers import (
    BertConfig,
    CLIPVisionConfig,
    CLIPVisionModel,
    VisionTextDualEncoderConfig,
)
from transformers.modeling_outputs import BaseModelOutputWithPooling

from negcxr.data.fetch import fetched
from negcxr.errors import InputError
from negcxr.finetune.align_card import CARD
from negcxr.finetune.corpus import Corpus
from negcxr.finetune.recipe import Recipe
from negcxr.finetune.training import START_SCALE, ImageTraining
from negcxr.models.assemble import IMAGE, READABLE, part_record
from negcxr.models.checkpoint import CONFIG, PARTS, POOLING, WEIGHTS
from negcxr.models.pooling import MEAN
from negcxr.models.sentence import MARKS, SentenceTower, load_sentence_tower
from negcxr.paths import at_root

OF_TEXTS = "text_projection.weight"
WORDS_OF = "tokenizer_config.json"


class ImageSide(nn.Module):
    """What is trained, under the names that it has in the whole model."""

    def __init__(self, vision: CLIPVisionConfig, text_width: int, projection: int) -> None:
        super().__init__()
        # Eager attention: on a CPU in bfloat16 it is about ten times faster than sdpa.
        vision._attn_implementation = "eager"
        self.vision_model = CLIPVisionModel(vision)
        self.visual_projection = nn.Linear(vision.hidden_size, projection, bias=False)
        self.text_projection = nn.Linear(text_width, projection, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(START_SCALE))

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.logit_scale.device

    def get_image_features(self, pixel_values: Tensor) -> BaseModelOutputWithPooling:
        """The projected row of each image as ``pooler_output``, as transformers has it."""
        found = self.vision_model(pixel_values=pixel_values)
        found.pooler_output = self.visual_projection(found.pooler_output)
        return found


class Alignment(ImageTraining):
    """An image tower and both projections, beside the kept rows of an encoder.

    Attributes:
        tower: The encoder.
        known: Its row of every text that was met.
    """

    card = CARD

    def __init__(
        self, recipe: Recipe, side: ImageSide, tower: SentenceTower, at: Path
    ) -> None:
        super().__init__(recipe, side, at)
        self.tower = tower
        self.known: dict[str, Tensor] = {}

    def meet(self, corpus: Corpus) -> None:
        """Read every statement once, in an order that no kill changes."""
        texts = {claim.text for one in corpus.reports for claim in one.statements}
        self._read(sorted(texts))

    def texts(self, texts: list[str]) -> Tensor:
        """Unit rows of texts: the encoder's own, projected."""
        self._read([text for text in dict.fromkeys(texts) if text not in self.known])
        rows = torch.stack([self.known[text] for text in texts]).to(self.model.device)
        return normalize(self.model.text_projection(rows), dim=-1)

    def save(self, folder: Path) -> None:
        """Write the trained part, in half precision, which the model keeps from then on."""
        folder.mkdir(parents=True, exist_ok=True)
        halves = {name: value.half() for name, value in self.model.state_dict().items()}
        save_file(halves, folder / IMAGE, metadata={"format": "pt"})
        (folder / IMAGE).chmod(READABLE)
        self.model.load_state_dict({name: half.float() for name, half in halves.items()})
        _write(folder / CONFIG, json.loads(_config(self.recipe, self.tower)))
        words = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, **MARKS}
        _write(folder / WORDS_OF, {**words, "model_max_length": self.tower.text_length})
        width = {"word_embedding_dimension": self.tower.width}
        _write(folder / POOLING, {**width, MEAN: True})
        _write(folder / PARTS, part_record(folder, self.recipe.encoder))

    def _read(self, texts: list[str]) -> None:
        if texts:
            rows = torch.from_numpy(self.tower.encode_texts(texts))
            self.known |= dict(zip(texts, rows, strict=True))


def begin(recipe: Recipe, at: Path, device: str) -> Alignment:
    """An alignment before its first step.

    Raises:
        InputError: The encoder has not been fetched, or is another one; or the checkpoint
            to start from is missing or of other sizes.
    """
    tower = load_sentence_tower(fetched(recipe.encoder), device=device)
    torch.manual_seed(recipe.seed)  # transformers draws first weights from torch's own
    vision = CLIPVisionConfig(**recipe.vision)
    side = ImageSide(vision, tower.width, recipe.projection)
    if recipe.start:
        _go_on(side, at_root(recipe.start))
    return Alignment(recipe, side.to(device), tower, at)


def _go_on(side: ImageSide, start: Path) -> None:
    """Take from another checkpoint all but the way of its texts, which are others now."""
    if not (start / WEIGHTS).is_file():
        raise InputError(f"start: {start} is no checkpoint; train it first")
    weights, found = side.state_dict(), load_file(start / WEIGHTS)
    for name in weights.keys() - {OF_TEXTS}:
        if name not in found or found[name].shape != weights[name].shape:
            other = list(found[name].shape) if name in found else "missing"
            raise InputError(
                f"start: {name} of {start} is {other}, not {list(weights[name].shape)}"
            )
        weights[name] = found[name].float()
    side.load_state_dict(weights)


def _config(recipe: Recipe, tower: SentenceTower) -> str:
    text = BertConfig.from_dict(tower.model.config.to_diff_dict())
    text.name_or_path = ""  # where it lies here is nobody else's business
    vision = CLIPVisionConfig(**recipe.vision)
    config = VisionTextDualEncoderConfig.from_vision_text_configs(
        vision, text, projection_dim=recipe.projection
    )
    config.architectures = ["VisionTextDualEncoderModel"]
    return config.to_json_string()


def _write(path: Path, values: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(values, indent=2, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8")
