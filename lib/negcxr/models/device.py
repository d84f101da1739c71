"""Where to compute and how precisely, checked before anything is loaded."""

from typing import NamedTuple

import torch

from negcxr.errors import InputError

DTYPES = {name: getattr(torch, name) for name in ("float32", "float16", "bfloat16")}


class Place(NamedTuple):
    """A device that is there, and a precision that it can hold."""

    device: torch.device
    dtype: torch.dtype


def usable(device: str, dtype: str) -> Place:
    """The device and precision of these names.

    Raises:
        InputError: The precision is not one of ``DTYPES``, or nothing can be put on the
            device in it here.
    """
    if dtype not in DTYPES:
        raise InputError(f"dtype {dtype!r}; allowed: {', '.join(DTYPES)}")
    try:
        return Place(
            torch.zeros(1, device=device, dtype=DTYPES[dtype]).device, DTYPES[dtype]
        )
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        cause = str(error).splitlines()[0]
        raise InputError(
            f"device {device!r} cannot be used here ({cause}); allowed everywhere: cpu"
        ) from None
