"""What a checkpoint is expected to be, by its name, held against its own config.

Limits: a config says how a model is built, not whether its weights are those of the name.
"""

from collections.abc import Mapping
from typing import Any

from negcxr.models.catalogue import Entry

# A config leaves out what its class has as default; so says transformers of each family.
TEXT = {"num_hidden_layers": 12, "num_attention_heads": 12, "hidden_size": 768}
VISION = TEXT | {"image_size": 224}
DEFAULTS: dict[str, dict[str, dict[str, int]]] = {
    "clip": {
        "vision": VISION | {"patch_size": 32},
        "text": TEXT
        | {"max_position_embeddings": 77, "vocab_size": 49408}
        | {"num_attention_heads": 8, "hidden_size": 512},
    },
    "siglip": {
        "vision": VISION | {"patch_size": 16},
        "text": TEXT | {"max_position_embeddings": 64, "vocab_size": 32000},
    },
}


def differences(entry: Entry, config: Mapping[str, Any]) -> list[str]:
    """What a config says otherwise than its entry expects, a line each.

    A difference is no error: the config is right of itself, and the entry may be wrong.
    """
    found = config.get("model_type")
    if found != entry.family:
        return [f"model_type is {found!r}; expected {entry.family!r}"]
    pairs = _expected(entry)
    lines = []
    for part, key, what, expected in pairs:
        given = config.get(f"{part}_config") or {}
        value = given.get(key, DEFAULTS.get(entry.family, {}).get(part, {}).get(key))
        if None not in (expected, value) and value != expected:
            lines.append(f"{what} is {value}; expected {expected}")
    return lines


def _expected(entry: Entry) -> list[tuple[str, str, str, int | None]]:
    pairs: list[tuple[str, str, str, int | None]] = [
        ("vision", "image_size", "image size", entry.image_size),
        ("text", "max_position_embeddings", "text length", entry.text_length),
    ]
    if entry.towers is None:
        return pairs
    for part, tower in (("vision", entry.towers.vision), ("text", entry.towers.text)):
        where = "image" if part == "vision" else part
        pairs += [
            (part, "num_hidden_layers", f"layers of the {where} tower", tower.layers),
            (part, "num_attention_heads", f"heads of the {where} tower", tower.heads),
            (part, "hidden_size", f"width of the {where} tower", tower.width),
        ]
    pairs.append(("vision", "patch_size", "patch", entry.towers.vision.patch))
    pairs.append(("text", "vocab_size", "vocabulary", entry.towers.text.vocabulary))
    return pairs
