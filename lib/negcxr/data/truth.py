"""What is true of a phantom, drawn before anything is rendered.

A truth says which findings a phantom has, and where, and how much. Findings occur
together as they do in patients: a Gaussian copula couples them, so that each keeps its
own prevalence while failure of the heart brings edema and effusion along. Nothing here
knows of pixels or words; the renderer and the report writer both start from a truth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri  # all of scipy.stats takes seconds to import

from negcxr.errors import InputError

FINDINGS = (
    "Cardiomegaly",
    "Edema",
    "Consolidation",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Lung Lesion",
    "Support Devices",
)
PREVALENCE = {
    "Cardiomegaly": 0.28,
    "Edema": 0.22,
    "Consolidation": 0.22,
    "Atelectasis": 0.22,
    "Pneumothorax": 0.18,
    "Pleural Effusion": 0.30,
    "Lung Lesion": 0.20,
    "Support Devices": 0.32,
}
# Correlations of the latent Gaussians. Signs follow clinical habit: congestion brings
# heart, edema and effusion together; drains and lines go with pneumothorax and effusion.
# The sizes are ours, chosen moderate so that no finding can be read off another.
COUPLING = {
    ("Cardiomegaly", "Edema"): 0.45,
    ("Cardiomegaly", "Pleural Effusion"): 0.30,
    ("Edema", "Pleural Effusion"): 0.40,
    ("Pleural Effusion", "Atelectasis"): 0.30,
    ("Consolidation", "Pleural Effusion"): 0.15,
    ("Support Devices", "Edema"): 0.20,
    ("Support Devices", "Pneumothorax"): 0.25,
    ("Support Devices", "Pleural Effusion"): 0.20,
    ("Pneumothorax", "Edema"): -0.15,
}
MOST_PULL = 0.6  # beyond, no latent Gaussians have these correlations
SIDES = ("left", "right", "both")
ZONES = ("upper", "middle", "lower")
DEVICES = ("endotracheal tube", "central line", "pacemaker", "enteric tube", "leads")

_PLACES = {  # finding -> chance of left, right, both; zones it may lie in
    "Consolidation": ((0.42, 0.42, 0.16), ZONES),
    "Atelectasis": ((0.42, 0.42, 0.16), ("middle", "lower")),
    "Pneumothorax": ((0.5, 0.5, 0.0), ()),
    "Pleural Effusion": ((0.36, 0.36, 0.28), ()),
    "Lung Lesion": ((0.5, 0.5, 0.0), ZONES),
    "Edema": ((0.0, 0.0, 1.0), ()),
}


class Sign(NamedTuple):
    """How one finding shows in one phantom; "" or 0 where a field has no meaning."""

    side: str = ""  # left, right or both, of the patient
    zone: str = ""  # upper, middle or lower lung zone
    severity: int = 0  # 1 small, 2 moderate, 3 large
    kind: str = ""  # which device


@dataclass(frozen=True)
class Truth:
    """Everything that is so of one phantom; a finding not in ``signs`` is absent."""

    view: str  # AP or PA
    signs: Mapping[str, Sign]

    def has(self, finding: str) -> bool:
        """Whether ``finding`` is present."""
        return finding in self.signs


@dataclass(frozen=True)
class World:
    """The population that truths are drawn from.

    Attributes:
        prevalence: Share of phantoms with each finding, strictly between 0 and 1.
        coupling: How strongly findings occur together: 0 independent, 1 as in COUPLING.
        ap_share: Share of AP views.
        ap_pull: Correlation of Support Devices and Edema with the AP view, the shortcut
            that real archives carry (portable films of sicker patients).
    """

    prevalence: Mapping[str, float] = field(default_factory=lambda: dict(PREVALENCE))
    coupling: float = 1.0
    ap_share: float = 0.4
    ap_pull: float = 0.3

    def __post_init__(self) -> None:
        unknown = set(self.prevalence) ^ set(FINDINGS)
        if unknown:
            raise InputError(
                f"prevalence: {sorted(unknown)} unknown or missing: {FINDINGS}"
            )
        for finding, share in self.prevalence.items():
            if not 0 < share < 1:
                raise InputError(f"prevalence of {finding} is {share}, not between 0 and 1")
        for name in ("coupling", "ap_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is {getattr(self, name)}, not between 0 and 1")
        if not abs(self.ap_pull) <= MOST_PULL:
            raise InputError(f"ap_pull is {self.ap_pull}, not within {MOST_PULL} of 0")

    def factor(self) -> np.ndarray:
        """Cholesky factor of the latent correlations; the last row is the AP view."""
        n = len(FINDINGS)
        latent = np.eye(n + 1)
        for (a, b), strength in COUPLING.items():
            i, j = FINDINGS.index(a), FINDINGS.index(b)
            latent[i, j] = latent[j, i] = self.coupling * strength
        for finding in ("Support Devices", "Edema"):
            i = FINDINGS.index(finding)
            latent[i, n] = latent[n, i] = self.coupling * self.ap_pull
        return np.linalg.cholesky(latent)


def draw_truths(world: World, streams: list[np.random.Generator]) -> list[Truth]:
    """One truth a random stream; a stream alone decides its truth, whatever its batch."""
    shares = [world.prevalence[f] for f in FINDINGS] + [world.ap_share]
    factor, cuts = world.factor(), ndtri(shares)
    return [_draw(factor, cuts, rng) for rng in streams]


def _draw(factor: np.ndarray, cuts: np.ndarray, rng: np.random.Generator) -> Truth:
    below = factor @ rng.standard_normal(len(cuts)) < cuts
    # A sign is drawn for every finding, present or not, so that one finding's presence
    # never shifts the draws of the next.
    signs = {finding: _draw_sign(finding, rng) for finding in FINDINGS}
    present = {f: s for (f, s), here in zip(signs.items(), below, strict=False) if here}
    return Truth(view="AP" if below[-1] else "PA", signs=present)


def _draw_sign(finding: str, rng: np.random.Generator) -> Sign:
    severity = int(rng.integers(1, 4))
    side, zone, kind = rng.random(3)
    if finding == "Support Devices":
        return Sign(kind=DEVICES[int(kind * len(DEVICES))])
    chances, zones = _PLACES.get(finding, ((), ()))
    return Sign(
        side=SIDES[int(np.searchsorted(np.cumsum(chances), side))] if chances else "",
        zone=zones[int(zone * len(zones))] if zones else "",
        severity=severity,
    )
