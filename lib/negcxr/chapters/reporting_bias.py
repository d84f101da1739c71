"""The same model trained on reports that deny more or less, and by some cues or others.

Idea: a level is a share of the absent findings that reports deny, in some words, under one
objective. All levels share the phantoms, the first weights, the order of the images and
what reports affirm (see `negcxr.data.rationing`), so that a difference between two levels
is the doing of what is denied. A level is a recipe of pretraining, and what it trains is
kept by its recipe's content: a rerun trains nothing twice, and a killed one goes on.

Limits: one small world, in which a denial is always true. Under plain InfoNCE a caption
holds few sentences, so denials crowd out what is affirmed; a level then differs in that as
well. The weights of two processors differ by rounding.
"""

import fcntl
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from negcxr.data.reports import words
from negcxr.errors import InputError
from negcxr.finetune.pretrain import pretrain
from negcxr.finetune.recipe import Recipe, read_recipe
from negcxr.paths import at_root, cache
from negcxr.reading import listed

ALL, RARE = "all", "rare"
RARELY = 0.03  # share of the denials that a rare cue has at most
COMMON = "no"  # the word that a rare cue must not hold
TRAINING = 1  # raise it when pretraining changes, so that no old weights are taken


class Level(NamedTuple):
    """How reports deny, and what is learnt from them.

    Attributes:
        objective: A key of the pretraining's objectives.
        rate: Absent findings that are denied, in percent.
        cues: ``all``, ``rare``, or one cue by name.
    """

    objective: str
    rate: float
    cues: str = ALL


class Setting(NamedTuple):
    """What all levels share: a recipe's file, and what replaces its fields, 0 nothing."""

    recipe: str
    images: int = 0
    steps: int = 0
    image_size: int = 0
    precision: str = "float32"


def levels(objectives: str, rates: str, cues: str, cue_rate: float) -> list[Level]:
    """Every objective at every rate by all cues, then each other set of cues at one rate.

    Args:
        objectives, rates, cues: Lists, separated by commas; rates in percent. Sets of cues
            are asked for under the first objective alone.

    Raises:
        InputError: A list is empty, or a rate or a set of cues is not known.
    """
    asked, shares = listed(objectives), [_rate(word) for word in listed(rates)]
    if not asked or not shares:
        told = f"objectives {objectives!r}, rates {rates!r}"
        raise InputError(f"{told}; allowed: one or more of each")
    found = [Level(objective, share) for objective in asked for share in shares]
    for name in listed(cues):
        cues_of(name)
        found.append(Level(asked[0], _rate(str(cue_rate)), name))
    return list(dict.fromkeys(found))


def _rate(word: str) -> float:
    try:
        rate = float(word)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 100:
        raise InputError(f"rates: {word!r}; allowed: percent of absent findings, 0 to 100")
    return rate


def seeds_in(text: str) -> list[int]:
    """The seeds of trainings in a list, separated by commas.

    Raises:
        InputError: None is named, or one is no whole number from 0.
    """
    for word in listed(text) or [""]:
        if not word.isdecimal():
            raise InputError(f"seeds: {word!r}; allowed: whole numbers from 0, by commas")
    return list(dict.fromkeys(int(word) for word in listed(text)))


def cues_of(name: str) -> tuple[str, ...]:
    """The cues of a set: none is named for ``all``, which leaves reports as they are.

    ``rare`` is every cue that makes at most three in a hundred denials and does not hold
    the word "no".

    Raises:
        InputError: It is no set, and no cue that reports are written with.
    """
    weights = {cue["cue"]: cue["weight"] for cue in words()["denied"]}
    rare = [cue for cue, weight in weights.items() if weight <= RARELY]
    sets = {ALL: (), RARE: tuple(cue for cue in rare if COMMON not in cue.split())}
    if name not in sets | weights:
        raise InputError(f"cues {name!r}; choose of {', '.join([*sets, *weights])}")
    return sets.get(name, (name,))


def recipe_of(level: Level, setting: Setting, seed: int) -> Recipe:
    """The recipe of one training.

    Raises:
        InputError: The recipe's file cannot be used, or a field of the level is refused.
    """
    path = at_root(setting.recipe)
    plain = read_recipe(path)
    changes = {"images": setting.images, "steps": setting.steps}
    changes = {name: number for name, number in changes.items() if number}
    size = setting.image_size or plain.vision["image_size"]
    return read_recipe(
        path,
        **changes,
        objective=level.objective,
        keep_denials=level.rate / 100,
        cues=cues_of(level.cues),
        vision={**plain.vision, "image_size": size},
        precision=setting.precision,
        seed=seed,
    )


def trained(recipe: Recipe, *, device: str) -> Path:
    """The checkpoint of a recipe: found where it was trained before, else trained now.

    Killed while it trains, it goes on from the last state that was kept. Two processes
    that want the same one take turns.
    """
    text = f"{TRAINING} {device.partition(':')[0]} {recipe.model_dump_json()}"
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    out = cache() / "levels" / key / recipe.name
    with _alone(out.parent):
        return out if out.exists() else pretrain(recipe, out, device=device)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def recipes(
    asked: Sequence[Level], setting: Setting, seeds: Iterable[int]
) -> dict[tuple[Level, int], Recipe]:
    """The recipe of every level and seed; all are read before the first is trained."""
    return {
        (level, seed): recipe_of(level, setting, seed) for seed in seeds for level in asked
    }
