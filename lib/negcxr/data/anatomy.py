"""The chest of a phantom: outlines first, then how much each part dims the beam.

Coordinates are the patient's, seen from the front as a radiograph is: ``u`` runs from
-1 to 1 across the film, so the patient's right lies at negative ``u``; ``v`` runs from
-1 at the neck to 1 at the abdomen. Attenuations add, as tissues do along a ray, and one
exponential turns their sum into brightness. Shapes are drawn to be read as a chest at a
glance at about 100 pixels; they are not anatomy to be measured.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from negcxr.data.truth import Truth

Field = np.ndarray  # float32, one value a pixel


class Shape(NamedTuple):
    """The numbers that make one chest differ from the next."""

    shift: tuple[float, float]
    tilt: float  # radians
    scale: float
    lung_width: float
    heart_width: float  # half the heart's width
    heart_drop: float
    domes: tuple[float, float]  # height of the right and left diaphragm dome, v
    ribs: float  # spacing
    rib_phase: float
    thickness: float  # of the body, 1 on average


class Fields(NamedTuple):
    """What the findings need to know of a chest that is laid out."""

    u: Field
    v: Field
    lungs: dict[str, Field]  # side -> soft mask of air, thin where the heart lies before it
    middle: Field  # soft mask of heart and great vessels
    margin: Field  # distance inward from the lateral chest wall
    height: Field  # from 0 at the apex to 1 at the lung base
    floor: dict[str, Field]  # side -> v of the diaphragm
    vessels: Field
    shape: Shape


def edge(distance: Field, width: float = 0.02) -> Field:
    """A soft step: 0 well below zero, 1 well above, smooth over ``width`` on each side."""
    t = np.clip(distance / (2 * width) + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def bump(distance: Field, width: float) -> Field:
    """A soft ridge of height 1 along ``distance`` = 0."""
    return np.exp(-np.square(distance / width))


def draw_shape(truth: Truth, rng: np.random.Generator) -> Shape:
    """The chest's numbers; an enlarged heart and a collapsed lung change them."""
    draw = rng.uniform
    shift = (draw(-0.05, 0.05), draw(-0.05, 0.05))
    tilt, scale = draw(-0.04, 0.04), draw(0.93, 1.04)
    lung_width, thickness = draw(0.68, 0.76), draw(0.85, 1.15)
    heart = draw(0.275, 0.315) * (1.06 if truth.view == "AP" else 1.0)
    enlarged = truth.signs.get("Cardiomegaly")
    growth = draw(0.0, 0.03)
    if enlarged:
        heart += 0.075 + 0.05 * enlarged.severity + growth
    domes = [draw(0.50, 0.56), draw(0.54, 0.60)]
    if truth.view == "AP":
        domes = [dome - 0.05 for dome in domes]
    collapse = truth.signs.get("Atelectasis")
    for i, side in enumerate(("right", "left")):
        if collapse and collapse.side in (side, "both"):
            domes[i] -= 0.035 * collapse.severity
    ribs, phase, drop = draw(0.145, 0.165), draw(0, 1), draw(-0.03, 0.04)
    return Shape(
        shift, tilt, scale, lung_width, heart, drop, tuple(domes), ribs, phase, thickness
    )


def lay_out(shape: Shape, size: int, rng: np.random.Generator) -> Fields:
    """Coordinates, lung masks and vessels of one chest."""
    ticks = np.linspace(-1, 1, size, dtype=np.float32)
    x, y = ticks[None, :] - shape.shift[0], ticks[:, None] - shape.shift[1]
    cos, sin = np.float32(np.cos(shape.tilt)), np.float32(np.sin(shape.tilt))
    u, v = (cos * x + sin * y) / shape.scale, (cos * y - sin * x) / shape.scale
    height = (v + 0.74) / 1.42
    inside = np.clip(1 - height, 0, 1)
    wall = shape.lung_width * np.power(np.clip(1 - inside**2.4, 0, 1), 0.5)
    margin = np.where(height > 0, wall, 0) - np.abs(u)
    medial = np.abs(u) - 0.07
    column = edge(margin) * edge(medial) * edge(v + 0.74)
    floor = {
        s: _dome(u, d, shape) for s, d in zip(("right", "left"), shape.domes, strict=True)
    }
    middle = _mediastinum(u, v, shape)
    column *= 1 - 0.80 * middle
    lungs = {
        "right": column * edge(floor["right"] - v) * (u < 0),
        "left": column * edge(floor["left"] - v) * (u >= 0),
    }
    return Fields(u, v, lungs, middle, margin, height, floor, _vessels(u, v, rng), shape)


def _dome(u: Field, top: float, shape: Shape) -> Field:
    across = (np.abs(u) - 0.34) / (shape.lung_width - 0.30)
    return (top + 0.20 * np.square(across)).astype(np.float32)


def _vessels(u: Field, v: Field, rng: np.random.Generator) -> Field:
    """Arteries fanning out of both hila, thinning on their way."""
    total = np.zeros_like(u)
    for side in (-1, 1):
        angles = np.linspace(-1.25, 1.4, 7) + rng.uniform(-0.16, 0.16, 7)
        lengths = rng.uniform(0.26, 0.48, 7)
        bends = rng.uniform(-1.0, 1.0, 7)
        for angle, bend, length in zip(angles, bends, lengths, strict=True):
            du, dv = side * u - 0.14, v - 0.01 - 0.10 * np.sin(angle)
            along = np.cos(angle) * du + np.sin(angle) * dv
            across = np.cos(angle) * dv - np.sin(angle) * du - bend * along * along
            left = np.clip(1 - along / length, 0, 1)
            total += left * bump(across, 0.008 + 0.022 * left) * edge(along, 0.04)
        hilum = np.square((side * u - 0.17) / 0.075) + np.square((v - 0.02) / 0.13)
        total += 1.1 * np.exp(-hilum)
    return np.minimum(total, 1.4)


def chest(fields: Fields, view: str) -> Field:
    """Attenuation of a chest without findings, 0 outside the body."""
    u, v, shape = fields.u, fields.v, fields.shape
    lung = fields.lungs["right"] + fields.lungs["left"]
    slope = np.clip((v + 0.98) / 0.34, 0, 1)  # from the neck down the shoulders
    wide = (
        0.26 + 0.72 * slope**2.2 + 0.10 * edge(-v - 0.93, 0.1) - 0.07 * edge(v - 0.2, 0.5)
    )
    body = edge(wide - np.abs(u), 0.03)
    deep = 0.62 + 0.45 * np.sqrt(np.clip(1 - np.square(u / 1.12), 0, 1))
    below = edge(v - np.where(u < 0, fields.floor["right"], fields.floor["left"]), 0.03)
    total = shape.thickness * body * (deep + 0.20 * below + 0.16 * fields.middle)
    total = total - 0.80 * lung * shape.thickness + 0.20 * fields.vessels * lung
    total += _bones(fields, body, view)
    bubble = np.square((u - 0.36) / 0.15) + np.square((v - shape.domes[1] - 0.17) / 0.075)
    return total - 0.26 * edge(1 - bubble, 0.2)


def _mediastinum(u: Field, v: Field, shape: Shape) -> Field:
    """Heart, great vessels and aortic knob as one silhouette."""
    width = shape.heart_width
    across, down = u - 0.42 * width, v - 0.30 - shape.heart_drop
    along, athwart = across * 0.92 + down * 0.38, down * 0.92 - across * 0.38
    size = np.square(along / (1.04 * width)) + np.square(athwart / (0.17 + 0.36 * width))
    heart = edge(1 - size, 0.10)
    atrium = np.square((u + 0.42 * width) / (0.38 * width)) + np.square((v - 0.30) / 0.26)
    band = edge(0.115 + 0.06 * edge(v, 0.25) - np.abs(u - 0.01), 0.025)
    knob = edge(1 - np.square((u - 0.09) / 0.105) - np.square((v + 0.27) / 0.12), 0.25)
    return np.maximum.reduce([heart, edge(1 - atrium, 0.15), band, knob])


def _bones(fields: Fields, body: Field, view: str) -> Field:
    u, v, shape = fields.u, fields.v, fields.shape
    side = np.abs(u)
    cage = edge(fields.margin + 0.05, 0.02) * edge(0.9 - v, 0.1) * edge(v + 0.85, 0.05)
    cage *= 1 - 0.55 * edge(v - np.where(u < 0, *fields.floor.values()), 0.04)
    back = (v + 0.10 * side - 0.75 * np.square(side - 0.28)) / shape.ribs + shape.rib_phase
    front = (v - 0.75 * side + 0.3 * side * side) / (1.25 * shape.ribs) - shape.rib_phase
    ribs = _stripes(back) * edge(side - 0.05, 0.05)
    ribs += 0.55 * _stripes(front) * edge(side - 0.28, 0.10)
    rim = bump(fields.margin + 0.005, 0.020) * edge(0.75 - v, 0.1) * edge(v + 0.7, 0.05)
    bone = 0.125 * ribs * cage + 0.10 * rim
    plates = 0.70 + 0.30 * _stripes(v / 0.125 + shape.rib_phase)
    bone += 0.13 * edge(0.070 - side, 0.018) * plates
    clavicle = v + 0.60 - 0.16 * bump(side - 0.30, 0.25) + 0.22 * side
    bone += 0.22 * bump(clavicle, 0.030) * edge(side - 0.07, 0.02) * edge(0.78 - side, 0.03)
    reach = 0.06 if view == "AP" else 0.0  # arms at the side bring the blades inward
    blade = side - (0.80 - reach) + 0.22 * (v + 0.2)
    bone += 0.12 * edge(blade, 0.02) * edge(v + 0.62, 0.05) * edge(0.12 - v, 0.05)
    return bone * body


def _stripes(phase: Field) -> Field:
    return edge(np.abs(phase - np.round(phase)) * -1 + 0.23, 0.09)


# Strokes of the marker's letters in a box of 1 x 1, so that no font is needed.
LETTERS = {
    "L": [[(0, 0), (0, 1), (0.7, 1)]],
    "R": [[(0, 1), (0, 0), (0.6, 0), (0.6, 0.5), (0, 0.5), (0.65, 1)]],
    "A": [[(0, 1), (0.35, 0), (0.7, 1)], [(0.15, 0.6), (0.55, 0.6)]],
    "P": [[(0, 1), (0, 0), (0.6, 0), (0.6, 0.55), (0, 0.55)]],
}


class Pen:
    """Anti-aliased lines on a film: drawn at four times its size, then reduced."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._image = Image.new("L", (4 * size, 4 * size))
        self._draw = ImageDraw.Draw(self._image)

    def line(self, points: list[tuple[float, float]], width: float) -> None:
        """A line through ``points`` (u, v), ``width`` in units of the film's half size."""
        to_pixel = [((u + 1) * 2 * self.size, (v + 1) * 2 * self.size) for u, v in points]
        self._draw.line(to_pixel, fill=255, width=max(1, round(width * 2 * self.size)))

    def box(self, corner: tuple[float, float], other: tuple[float, float]) -> None:
        """A filled box with round corners."""
        pixels = [(c + 1) * 2 * self.size for c in (*corner, *other)]
        self._draw.rounded_rectangle(pixels, radius=0.1 * self.size, fill=210)

    def text(self, word: str, corner: tuple[float, float], height: float) -> None:
        """``word`` in strokes from its upper left ``corner``."""
        for i, letter in enumerate(word):
            left = corner[0] + i * height
            for stroke in LETTERS[letter]:
                points = [
                    (left + 0.9 * height * a, corner[1] + height * b) for a, b in stroke
                ]
                self.line(points, 0.026)

    def field(self) -> Field:
        """What was drawn, from 0 to 1."""
        return np.asarray(self._image.reduce(4), dtype=np.float32) / 255
