"""How each finding changes the beam: one function a finding, all of one signature.

Each takes the laid-out chest, the finding's sign and a random stream of its own, and
returns attenuation to add (negative where air takes the place of lung). Cardiomegaly
and the raised dome of atelectasis are changes of shape and so lie in ``anatomy``.
"""

from collections.abc import Callable

import numpy as np

from negcxr.data.anatomy import Field, Fields, Pen, bump, edge
from negcxr.data.truth import Sign

SIGN_OF = {"right": -1.0, "left": 1.0}
ZONE_V = {"upper": -0.36, "middle": 0.0, "lower": 0.34}


def texture(size: int, grain: int, rng: np.random.Generator) -> Field:
    """Smooth noise of about unit spread: ``grain`` x ``grain`` values, interpolated."""
    at = np.linspace(0, grain - 1, size)
    low = np.minimum(at.astype(int), grain - 2)
    weights = np.zeros((size, grain), dtype=np.float32)
    weights[np.arange(size), low] = 1 - (at - low)
    weights[np.arange(size), low + 1] = at - low
    return weights @ rng.standard_normal((grain, grain), dtype=np.float32) @ weights.T


def sides(sign: Sign) -> tuple[str, ...]:
    """The sides that a sign covers."""
    return ("right", "left") if sign.side == "both" else (sign.side,)


def edema(fields: Fields, sign: Sign, rng: np.random.Generator) -> Field:
    """Haze spreading from both hila, thicker vessels, a coarse grain."""
    lung = fields.lungs["right"] + fields.lungs["left"]
    reach = 0.24 + 0.05 * sign.severity
    hilum = np.abs(fields.u) - 0.20
    wings = np.exp(
        -np.square(hilum / reach) - np.square((fields.v - 0.02) / (reach + 0.12))
    )
    grain = 1 + 0.30 * texture(len(fields.u), 24, rng)
    haze = (0.20 + 0.12 * sign.severity) * wings * grain
    return lung * (
        haze + 0.04 * sign.severity + 0.07 * sign.severity * fields.vessels * wings
    )


def consolidation(fields: Fields, sign: Sign, rng: np.random.Generator) -> Field:
    """A dense cloud with ragged edges in one zone."""
    total = np.zeros_like(fields.u)
    for side in sides(sign):
        u0 = SIGN_OF[side] * rng.uniform(0.34, 0.46)
        v0 = ZONE_V[sign.zone] + rng.uniform(-0.06, 0.06)
        radius = 0.15 + 0.045 * sign.severity
        ragged = 0.30 * texture(len(fields.u), 14, rng)
        away = np.hypot(fields.u - u0, (fields.v - v0) / 1.1) / radius
        total += fields.lungs[side] * edge(1.05 - away + ragged, 0.28)
    return (0.50 + 0.05 * sign.severity) * total


def atelectasis(fields: Fields, sign: Sign, rng: np.random.Generator) -> Field:
    """Thin dense plates above the dome, the lung behind them a little denser."""
    total = np.zeros_like(fields.u)
    for side in sides(sign):
        out = SIGN_OF[side] * fields.u
        for i in range(sign.severity):
            v0 = (
                (0.10 if sign.zone == "middle" else 0.33)
                - 0.13 * i
                + rng.uniform(-0.03, 0.03)
            )
            slope = rng.uniform(-0.25, 0.25)
            plate = bump(fields.v - v0 - slope * (out - 0.38), 0.034)
            total += 0.62 * plate * edge(out - 0.20, 0.03) * edge(0.58 - out, 0.03)
        base = edge(fields.v - fields.floor[side] + 0.16, 0.08)
        total += 0.13 * fields.lungs[side] * base
    lung = fields.lungs["right"] + fields.lungs["left"]
    return total * lung


def pneumothorax(fields: Fields, sign: Sign, rng: np.random.Generator) -> Field:
    """Air between chest wall and lung: no vessels, darker, and the fine pleural line."""
    side = sign.side
    depth = 0.07 + 0.075 * sign.severity + rng.uniform(0, 0.03)
    at_apex = np.clip(1.25 - fields.height, 0.25, 1.25)
    gap = depth * at_apex + 0.55 * depth * np.clip(0.35 - fields.height, 0, 1)
    beyond = gap - fields.margin
    air = edge(beyond, 0.012) * fields.lungs[side]
    line = bump(beyond, 0.014) * fields.lungs[side]
    collapsed = 0.05 * sign.severity * (fields.lungs[side] - air)
    return 0.30 * line - air * (0.09 + 0.20 * fields.vessels) + collapsed


def pleural_effusion(fields: Fields, sign: Sign, rng: np.random.Generator) -> Field:
    """Fluid at the base: a blunted angle, then a level that climbs the lateral wall."""
    total = np.zeros_like(fields.u)
    for side in sides(sign):
        rise = (0.10, 0.26, 0.46)[sign.severity - 1] + rng.uniform(-0.03, 0.03)
        out = SIGN_OF[side] * fields.u
        meniscus = 0.50 * np.square(np.clip(out - 0.30, 0, 1) / 0.36)
        level = fields.shape.domes[0 if side == "right" else 1] + 0.13 - rise
        fluid = edge(fields.v - level + (0.14 + rise * 0.5) * meniscus, 0.03)
        total += fluid * fields.lungs[side]
    return 0.72 * total


def lung_lesion(fields: Fields, sign: Sign, rng: np.random.Generator) -> Field:
    """A round shadow with a sharp edge, wholly inside the lung."""
    side = sign.side
    radius = 0.085 + 0.024 * sign.severity
    v0 = ZONE_V[sign.zone] + rng.uniform(-0.08, 0.08)
    outer = 0.36 if sign.zone == "upper" else 0.54
    u0 = SIGN_OF[side] * rng.uniform(0.27, outer)
    away = np.hypot(fields.u - u0, fields.v - v0)
    return 0.62 * edge(radius - away, 0.02) * np.minimum(fields.lungs[side] + 0.45, 1)


def support_devices(fields: Fields, sign: Sign, rng: np.random.Generator) -> Field:
    """Tubes, lines, a pacemaker or leads: thin, dense and man-made."""
    pen = Pen(len(fields.u))
    _DEVICES[sign.kind](pen, rng)
    return 0.85 * pen.field()


def _endotracheal(pen: Pen, rng: np.random.Generator) -> None:
    tip, lean = rng.uniform(-0.34, -0.22), rng.uniform(-0.02, 0.02)
    for offset in (-0.03, 0.03):
        pen.line([(lean + offset, -1), (offset, -0.6), (offset, tip)], 0.020)


def _central(pen: Pen, rng: np.random.Generator) -> None:
    side = rng.choice([-1.0, 1.0])
    tip = rng.uniform(-0.05, 0.10)
    path = [(side * 0.75, -0.72), (side * 0.45, -0.60), (side * 0.16, -0.52)]
    pen.line([*path, (-0.10, -0.38), (-0.11, tip)], 0.034)


def _pacemaker(pen: Pen, rng: np.random.Generator) -> None:
    u0, v0 = rng.uniform(0.42, 0.52), rng.uniform(-0.50, -0.42)
    pen.box((u0, v0), (u0 + 0.20, v0 + 0.17))
    lead = [(u0, v0 + 0.05), (0.20, -0.52), (-0.08, -0.42), (-0.10, 0.05), (0.06, 0.34)]
    pen.line([*lead, (0.22, 0.42)], 0.032)


def _enteric(pen: Pen, rng: np.random.Generator) -> None:
    drift = rng.uniform(-0.02, 0.03)
    pen.line([(0.0, -1), (drift, -0.2), (0.04, 0.45), (0.14, 0.62), (0.34, 0.76)], 0.034)


def _leads(pen: Pen, rng: np.random.Generator) -> None:
    for u0, v0 in ((-0.50, -0.40), (0.52, -0.42), (0.56, 0.26)):
        u1, v1 = u0 + rng.uniform(-0.06, 0.06), v0 + rng.uniform(-0.06, 0.06)
        pen.box((u1 - 0.055, v1 - 0.055), (u1 + 0.055, v1 + 0.055))
        sag = rng.uniform(0.1, 0.3)
        pen.line(
            [(u1, v1), (u1 * 0.8, v1 + sag), (np.sign(u1) * 0.3, 0.8), (0.1, 1)], 0.026
        )


_DEVICES: dict[str, Callable[[Pen, np.random.Generator], None]] = {
    "endotracheal tube": _endotracheal,
    "central line": _central,
    "pacemaker": _pacemaker,
    "enteric tube": _enteric,
    "leads": _leads,
}
OVERLAYS: dict[str, Callable[[Fields, Sign, np.random.Generator], Field]] = {
    "Edema": edema,
    "Consolidation": consolidation,
    "Atelectasis": atelectasis,
    "Pneumothorax": pneumothorax,
    "Pleural Effusion": pleural_effusion,
    "Lung Lesion": lung_lesion,
    "Support Devices": support_devices,
}
