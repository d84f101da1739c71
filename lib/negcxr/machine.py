"""What computes here: processor or GPU, what drives it, how many threads it has.

Limits: nothing is started to find out, so of a GPU is known what torch and the kernel say.
"""

import os
import platform
import re
import sys
from pathlib import Path

NVIDIA = Path("/proc/driver/nvidia/version")
VERSION = re.compile(r"Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)")


def device_name(device: str) -> str:
    """What computes: the processor's model, or the GPU's where ``device`` is one."""
    if device.startswith("cuda") and "torch" in sys.modules:
        return str(sys.modules["torch"].cuda.get_device_name(device))
    if device != "cpu":
        return device
    return _processor(Path("/proc/cpuinfo"))


def driver_of(device: str, module: Path = NVIDIA) -> str:
    """By what a GPU is driven: ``NVIDIA 550.54, CUDA 12.8``; empty where none computes.

    It is read from what is loaded and lies there already, so nothing is started for it.

    Args:
        device: As torch calls it.
        module: Where the kernel's module says its version.
    """
    if not device.startswith("cuda"):
        return ""
    said = VERSION.search(module.read_text()) if module.is_file() else None
    runtime = "torch" in sys.modules and sys.modules["torch"].version.cuda
    parts = [f"NVIDIA {said[1]}" if said else "", f"CUDA {runtime}" if runtime else ""]
    return ", ".join(part for part in parts if part)


def _processor(cpuinfo: Path) -> str:
    if cpuinfo.is_file():
        for line in cpuinfo.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def threads() -> int:
    """How many threads a matrix product may use."""
    if "torch" in sys.modules:
        return int(sys.modules["torch"].get_num_threads())
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
