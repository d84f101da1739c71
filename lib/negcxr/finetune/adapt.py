"""Which weights of a model are trained, and how fast: tower, low rank, layers.

Low-rank changes are peft's. They are put into the text tower alone: the same names of
modules occur in the image tower.

A layer's weight multiplies the step of its parameters. Published forms scale gradients
instead, which an optimiser of Adam's kind divides out again.
"""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from peft import LoraConfig, inject_adapter_in_model
from torch.nn import Module, Parameter

from negcxr.errors import InputError
from negcxr.finetune.methods import Method
from negcxr.models.anatomy import layer_of
from negcxr.models.encoder import DualEncoder
from negcxr.paths import at_root

TOWERS = {"text": ("text_",), "lora": (), "both": ("text_", "vision_", "visual_")}
LORA_TARGETS = r"text_model\.encoder.*\.(q_proj|v_proj|query|value)"  # the last two: BERT
SCALE_LR = 10  # times lr: scale and bias are single numbers, too slow otherwise


def open_weights(encoder: DualEncoder, method: Method, seed: int) -> dict[str, Parameter]:
    """Let a method's weights be trained and freeze all others.

    Returns:
        The weights that are trained, by their name in the model; scale and bias not.
    """
    model = encoder.model
    model.requires_grad_(False)
    if method.tune == "lora":
        _insert_lora(model, method.rank, seed)
        return {n: p for n, p in model.named_parameters() if "lora_" in n}
    weights = layer_weights(method.layers, len(encoder.text_layers()))
    chosen = {
        name: parameter
        for name, parameter in model.named_parameters()
        if name.startswith(TOWERS[method.tune]) and layer_share(name, weights) > 0
    }
    for parameter in chosen.values():
        parameter.requires_grad_(True)
    return chosen


def own_bias(encoder: DualEncoder) -> Parameter:
    """SigLIP's own bias, or a new one for a family that has none and does not keep it."""
    if has_own_bias(encoder):
        return encoder.model.logit_bias.requires_grad_(True)
    return Parameter(torch.zeros((), device=encoder.device))


def has_own_bias(encoder: DualEncoder) -> bool:
    """Whether the model adds a bias that was learnt."""
    return hasattr(encoder.model, "logit_bias")


def close_weights(encoder: DualEncoder, method: Method) -> None:
    """Fold low-rank changes into the weights they change; then nothing is left to train."""
    if method.tune == "lora":
        for module in list(encoder.model.modules()):
            for name, child in list(module.named_children()):
                if hasattr(child, "get_base_layer"):
                    child.merge()
                    setattr(module, name, child.get_base_layer())
    encoder.model.requires_grad_(False)


def _insert_lora(model: Module, rank: int, seed: int) -> None:
    config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=LORA_TARGETS)
    with torch.random.fork_rng():  # peft draws its first weights from torch's own
        torch.manual_seed(seed)
        inject_adapter_in_model(config, model)


def groups(
    parameters: Mapping[str, Parameter],
    singles: list[Parameter],
    method: Method,
    layers: int,
) -> Iterator[dict]:
    """Parameters as an optimiser takes them: by layer, matrices apart for their decay."""
    weights = layer_weights(method.layers, layers)
    for share in sorted({layer_share(name, weights) for name in parameters}):
        for decay, wide in ((method.weight_decay, True), (0.0, False)):
            chosen = [
                parameter
                for name, parameter in parameters.items()
                if layer_share(name, weights) == share and (parameter.ndim > 1) == wide
            ]
            if chosen:
                peak = method.lr * share
                yield {"params": chosen, "weight_decay": decay, "peak": peak}
    yield {"params": singles, "weight_decay": 0.0, "peak": SCALE_LR * method.lr}


def layer_weights(file: str, layers: int) -> list[float]:
    """A weight for each layer of the text tower, the first one first; none says all alike.

    Args:
        file: JSON with ``layers``, a list of numbers of 0 or more, and ``about``; taken
            from the project's root if relative. Empty for none. Each number stands for
            an equal part of the tower, so that [1, 0] is its front half at any depth.
        layers: How many the tower has.

    Raises:
        InputError: There is no such file, or it is not as it must be.
    """
    if not file:
        return []
    path = at_root(file)
    weights = _read(path)
    if layers % len(weights):
        raise InputError(
            f"{path}: {len(weights)} weights; the text tower has {layers} layers, which is "
            "no multiple of it"
        )
    return [weight for weight in weights for _ in range(layers // len(weights))]


def _read(path: Path) -> list[float]:
    try:
        weights = json.loads(path.read_text(encoding="utf-8"))["layers"]
        weights = [float(weight) for weight in weights]
    except FileNotFoundError:
        raise InputError(f"{path}: no such file of layer weights") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(f'{path}: not {{"layers": [a number for each layer]}}') from None
    if min(weights, default=-1) < 0 or not 0 < sum(weights) < math.inf:
        raise InputError(f"{path}: {weights}; allowed: 0 or more, not all 0")
    return weights


def layer_share(name: str, weights: list[float]) -> float:
    """The weight of the layer that a parameter of the text tower belongs to.

    With layer weights, what lies in no layer (embeddings, projection) is not trained.
    """
    if not weights:
        return 1.0
    layer = layer_of(name)
    return 0.0 if layer is None else weights[layer]
