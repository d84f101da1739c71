"""Checkpoints and the one interface through which every notebook sees them."""

from importlib import import_module
from typing import TYPE_CHECKING

from negcxr.models.checkpoint import resolve

if TYPE_CHECKING:  # torch takes seconds to import; to check a checkpoint needs none
    from negcxr.models.encoder import DualEncoder

ENCODERS = {
    "clip": ("clip", "ClipEncoder"),
    "siglip": ("siglip", "SiglipEncoder"),
    "vision-text-dual-encoder": ("bert_dual", "BertDualEncoder"),
}


def load_encoder(
    checkpoint: str, *, device: str = "cpu", dtype: str = "float32"
) -> "DualEncoder":
    """The encoder of a checkpoint, by the family that its config names.

    Args:
        checkpoint: A folder, taken from the project's root, or ``org/name@commit``.
        device: What torch calls the device.
        dtype: ``float32``, or ``float16`` or ``bfloat16`` for speed on a GPU; whatever
            precision the file has.

    Raises:
        InputError: The checkpoint cannot be used; says why and what is allowed.
    """
    found = resolve(checkpoint)
    module, name = ENCODERS[found.family]
    family = getattr(import_module(f"negcxr.models.{module}"), name)
    return family(found, device=device, dtype=dtype)
