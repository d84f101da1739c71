"""Models, tokenizers and image processors from a checkpoint's files, by classes named here.

A checkpoint is data. Its files say which of a few known classes reads them, and nothing
in them can name code, another file, or a place on the network: what could is dropped from
the config before it is used. What transformers only logs (missing weights) is refused.

Limits: weights that were quantised are not read; neither are image processors or
tokenizers of other model families, even where they would fit.
"""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import PIL
import torch
import transformers
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers.utils import logging as transformers_logging

from negcxr.errors import InputError
from negcxr.models.checkpoint import CONFIG, IMAGES, Checkpoint, read_json
from negcxr.models.device import usable

TOKENIZERS = {
    "CLIPTokenizer": transformers.CLIPTokenizer,
    "SiglipTokenizer": transformers.SiglipTokenizer,
    "GemmaTokenizer": transformers.GemmaTokenizer,
    "Siglip2Tokenizer": transformers.Siglip2Tokenizer,
    "BertTokenizer": transformers.BertTokenizer,
    "PreTrainedTokenizer": transformers.TokenizersBackend,  # a bare tokenizer.json
    "TokenizersBackend": transformers.TokenizersBackend,
}
IMAGE_PROCESSORS = {  # of the PIL backend: the other one's numbers differ a little
    "CLIPImageProcessor": transformers.CLIPImageProcessorPil,
    "CLIPFeatureExtractor": transformers.CLIPImageProcessorPil,
    "SiglipImageProcessor": transformers.SiglipImageProcessorPil,
    "ViTImageProcessor": transformers.ViTImageProcessorPil,
    "ViTFeatureExtractor": transformers.ViTImageProcessorPil,
}
REACHES_OUT = {  # keys of a config that name code, kernels or other files
    *("auto_map", "transformers_weights", "name_or_path", "_name_or_path"),
    *("attn_implementation", "_attn_implementation", "_attn_implementation_internal"),
}

UNREADABLE = (SafetensorError, StrictDataclassError, OSError, ValueError, TypeError)


class Parts(NamedTuple):
    """What an encoder is made of."""

    model: transformers.PreTrainedModel
    tokenizer: transformers.PreTrainedTokenizerBase
    images: transformers.BaseImageProcessor


class Kinds(NamedTuple):
    """The classes of one family: its model, and those that files mean if they name none."""

    model: type[transformers.PreTrainedModel]
    tokenizer: str
    images: str


def load_parts(checkpoint: Checkpoint, kinds: Kinds, *, device: str, dtype: str) -> Parts:
    """Model (in evaluation mode, on ``device``), tokenizer and image processor.

    Raises:
        InputError: Weights are missing, of another shape or unreadable; a class is not
            among those allowed; or ``device`` or ``dtype`` cannot be had.
    """
    place = usable(device, dtype)
    with quiet():
        model = load_model(checkpoint.folder, kinds.model, place.dtype)
        tokenizer = load_tokenizer(checkpoint.folder, kinds.tokenizer, TOKENIZERS)
        images = _load_image_processor(checkpoint, kinds.images)
    return Parts(model.to(place.device).eval(), tokenizer, images)


def processor_key(images: transformers.BaseImageProcessor) -> str:
    """A hash of all that turns an image into pixels: class, settings and versions."""
    settings = {
        "class": type(images).__name__,
        "settings": images.to_dict(),
        "transformers": transformers.__version__,
        "pillow": PIL.__version__,
    }
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def load_model(
    folder: Path,
    model_class: type[transformers.PreTrainedModel],
    dtype: torch.dtype,
    **settings: object,
) -> transformers.PreTrainedModel:
    """The model in a folder, read by this class with these further settings.

    Raises:
        InputError: Weights are quantised, missing, of another shape or unreadable.
    """
    path = folder / CONFIG
    values = _harmless(read_json(path))
    if "quantization_config" in values:
        raise InputError(f"{path}: weights are quantised; allowed: plain safetensors")
    try:
        model, found = model_class.from_pretrained(
            folder,
            config=model_class.config_class.from_dict(values),
            dtype=dtype,  # else a half-precision file would compute in half precision
            attn_implementation="sdpa",
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # so that they are named below, as the missing
            **settings,
        )
    except UNREADABLE as error:
        cause = " ".join(str(error).split())
        raise InputError(f"{folder}: cannot be loaded ({cause})") from None
    lacking = {name for name, *_ in found["mismatched_keys"]} | found["missing_keys"]
    if lacking:
        raise InputError(
            f"{folder}: {len(lacking)} weights are missing or of another shape "
            f"than {CONFIG} says: {_some(lacking)}"
        )
    return model


def load_tokenizer(
    folder: Path,
    default: str,
    allowed: Mapping[str, type[transformers.PreTrainedTokenizerBase]],
    **settings: object,
) -> transformers.PreTrainedTokenizerBase:
    """The tokenizer in a folder, by the class that it names, or the default one.

    Raises:
        InputError: The class is not among those allowed.
    """
    path = folder / "tokenizer_config.json"
    values = read_json(path) if path.is_file() else {}
    name = values.get("tokenizer_class") or default
    if name.removesuffix("Fast") not in allowed:
        known = ", ".join(allowed)
        raise InputError(f"{path}: tokenizer_class {name!r}; allowed: {known}")
    return allowed[name.removesuffix("Fast")].from_pretrained(
        folder,
        local_files_only=True,
        trust_remote_code=False,
        # Gemma's own default is left, but all families were trained padded on the right.
        padding_side=values.get("padding_side", "right"),
        **settings,
    )


def _load_image_processor(
    checkpoint: Checkpoint, default: str
) -> transformers.BaseImageProcessor:
    older, newer = (checkpoint.folder / name for name in IMAGES)
    values = read_json(newer).get("image_processor") if newer.is_file() else None
    path = older if values is None else newer
    values = read_json(older) if values is None else values
    name = values.get("image_processor_type") or values.get("feature_extractor_type")
    plain = (name or default).removesuffix("Pil").removesuffix("Fast")
    if plain not in IMAGE_PROCESSORS:
        known = ", ".join(IMAGE_PROCESSORS)
        raise InputError(f"{path}: image_processor_type {name!r}; allowed: {known}")
    return IMAGE_PROCESSORS[plain].from_dict(_harmless(values))


def _harmless(values: dict) -> dict:
    return {
        key: _harmless(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if key not in REACHES_OUT
    }


def _some(names: set[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(sorted(names)[:most]) + more


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bar (in a notebook it would be a widget), no table of what we refuse."""
    bar = transformers_logging.is_progress_bar_enabled()
    level = transformers_logging.get_verbosity()
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        if bar:
            transformers_logging.enable_progress_bar()
