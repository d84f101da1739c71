"""The phantom gallery: each finding with its absence in the same chest, and reports.

Everything comes from the renderer and the report writer at build time, so that the page
shows the phantoms as they are now, and none that somebody picked by hand: of the test
split, the first that has a finding and the least beside it stands for it.
"""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image

from negcxr.book.site import Site, write
from negcxr.data.phantoms import render, truths
from negcxr.data.reports import Bias, write_report
from negcxr.data.truth import FINDINGS, Sign, Truth, World
from negcxr.runs import write_whole

SEED, SPLIT, SEARCHED = 0, "test", 400
SIZE = 224  # pixels: twice what the checkpoints see, so that a reader sees the detail
SEVERITIES = ("", "small", "moderate", "large")
# Two habits of reporting, for the page alone: one never denies, the other mostly does.
SILENT = Bias(mention=0.95, deny=0.0)
TELLING = Bias(mention=0.95, deny=0.7, equivalent=0.1, scope=0.3, hedge=0.05)


def write_phantoms(site: Site) -> None:
    """Write ``book/generated/phantoms.md`` and its pictures."""
    drawn = truths(SEED, SPLIT, range(SEARCHED), World())
    pairs = [_pair(site, finding, drawn) for finding in FINDINGS]
    told = [_told(site, index, drawn[index]) for index in _worth_telling(drawn)]
    text = _grid("1 1 2 2", pairs) + "\n## One truth, two reports\n\n" + _grid("1", told)
    write(site.generated / "phantoms.md", text)


def describe(sign: Sign) -> str:
    """Where and how much, in words: ``left, lower zone, moderate``."""
    zone = f"{sign.zone} zone" if sign.zone else ""
    side = "both sides" if sign.side == "both" else sign.side
    parts = (sign.kind, side, zone, SEVERITIES[sign.severity])
    return ", ".join(part for part in parts if part)


def _pair(site: Site, finding: str, drawn: list[Truth]) -> str:
    plain = [i for i, truth in enumerate(drawn) if _shows(truth, finding)]
    index = min(plain, key=lambda i: len(drawn[i].signs))
    truth = drawn[index]
    others = {name: sign for name, sign in truth.signs.items() if name != finding}
    name = finding.lower().replace(" ", "-")
    _draw(site, f"{name}-with", truth, index)
    _draw(site, f"{name}-without", replace(truth, signs=others), index)
    where = describe(truth.signs[finding])
    also = f"; beside it: {', '.join(others)}" if others else ""
    pictures = (
        f"![Phantom with {finding}: {where}](/generated/phantoms/{name}-with.png)\n"
        f"![The same phantom without {finding}](/generated/phantoms/{name}-without.png)"
    )
    return _card(finding, f"{pictures}\n\nWith it ({where}) and without{also}.")


def _shows(truth: Truth, finding: str) -> bool:
    """Whether a finding is there and plain to see: not the smallest size it comes in."""
    return truth.has(finding) and truth.signs[finding].severity != 1


def _worth_telling(drawn: list[Truth]) -> Iterator[int]:
    """The first phantoms with one, two and three findings."""
    sizes = [len(truth.signs) for truth in drawn]
    return (sizes.index(n) for n in (1, 2, 3))


def _told(site: Site, index: int, truth: Truth) -> str:
    name = f"report-{index}"
    _draw(site, name, truth, index)
    reports = {
        habit: write_report(truth, bias, np.random.default_rng([SEED, index])).text
        for habit, bias in (("never denies", SILENT), ("denies", TELLING))
    }
    has = "; ".join(f"{f} ({describe(sign)})" for f, sign in truth.signs.items())
    said = "\n".join(f"- One who {habit}: *{text}*" for habit, text in reports.items())
    picture = f"![Phantom with {has}](/generated/phantoms/{name}.png)"
    return _card(f"Phantom {index}", f"{picture}\n\nTruth: {has}.\n\n{said}")


def _draw(site: Site, name: str, truth: Truth, index: int) -> None:
    pixels = render(truth, SEED, SPLIT, index, size=SIZE)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    write_whole(site.generated / "phantoms" / f"{name}.png", file.getvalue())


def _card(title: str, body: str) -> str:
    return f":::{{grid-item-card}} {title}\n:class-card: phantom\n\n{body}\n:::\n"


def _grid(columns: str, cards: list[str]) -> str:
    return f"::::{{grid}} {columns}\n:gutter: 3\n\n" + "\n".join(cards) + "::::\n"
