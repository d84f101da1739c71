"""Reports of phantoms, written from a truth under a stated reporting bias.

A report is what somebody chose to say. The bias is that choice as numbers: how often a
present finding is mentioned, how often an absent one is denied, in which words, joined
or alone, hedged or not. Two archives with the same films and other habits so differ in
their words alone, which is the comparison that no real archive allows.

The writer also gives the four-valued labels that a perfect labeller would read from the
report: 1 affirmed, 0 denied, -1 hedged, NaN unmentioned. An affirmed wording of an
absence ("sharp costophrenic angles") is read as 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from negcxr.data.truth import FINDINGS, Sign, Truth
from negcxr.errors import InputError
from negcxr.reading import read_yaml

PACKAGE = Path(__file__).parents[1]
FILE = PACKAGE / "data" / "words" / "reports.yml"
LABEL_OF = {"affirmed": 1.0, "denied": 0.0, "equivalent": 0.0, "hedged": -1.0}


class Statement(NamedTuple):
    """What a piece of text claims of one finding."""

    finding: str
    polarity: str  # affirmed, denied, equivalent or hedged
    text: str
    cue: str = ""
    sign: Sign = Sign()  # only the details that the text names


class Sentence(NamedTuple):
    """A sentence and all that it claims; a normal sentence names no finding."""

    text: str
    statements: tuple[Statement, ...]


class Report(NamedTuple):
    """The sentences of one report, in order."""

    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """The report as one line, each sentence closed by a full stop."""
        return " ".join(f"{sentence.text}." for sentence in self.sentences)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every claim of the report."""
        return tuple(claim for sentence in self.sentences for claim in sentence.statements)


@dataclass(frozen=True)
class Bias:
    """How reports are written; every number is a chance in [0, 1].

    Attributes:
        mention: A present finding is mentioned.
        deny: An absent finding is denied; of this chance, ``doubt`` takes its part.
        deny_rates: The same for single findings, over ``deny``.
        hedge: A mention is hedged instead of affirmed.
        doubt: An absent finding is hedged instead of denied.
        equivalent: A denial is worded as an affirmed equivalent.
        scope: Denials are joined under one cue, or set against an affirmed finding.
        detail: Each of severity, side and zone is named where it has a meaning.
        synonym: A finding goes by another of its names.
        normal: A report of a phantom without findings says that the study is normal.
    """

    mention: float = 0.9
    deny: float = 0.0
    deny_rates: Mapping[str, float] = field(default_factory=dict)
    hedge: float = 0.0
    doubt: float = 0.0
    equivalent: float = 0.0
    scope: float = 0.0
    detail: float = 0.4
    synonym: float = 0.3
    normal: float = 0.8

    def __post_init__(self) -> None:
        chances = {k: v for k, v in vars(self).items() if k != "deny_rates"}
        for name, chance in {**chances, **self.deny_rates}.items():
            if not 0 <= chance <= 1:
                raise InputError(f"reporting bias: {name} is {chance}, not between 0 and 1")
        unknown = set(self.deny_rates) - set(FINDINGS)
        if unknown:
            raise InputError(
                f"reporting bias: unknown finding {sorted(unknown)}: {FINDINGS}"
            )


def write_report(truth: Truth, bias: Bias, rng: np.random.Generator) -> Report:
    """One report of a truth; may be empty where the bias leaves everything unsaid."""
    affirmed, denied, others = [], [], []
    for finding in FINDINGS:
        claim = _claim(finding, truth, bias, rng)
        if claim:
            kinds = {"affirmed": affirmed, "denied": denied}
            kinds.get(claim.polarity, others).append(claim)
    sentences = [Sentence(claim.text, (claim,)) for claim in others]
    if rng.random() < bias.scope and len(denied) > 1:
        sentences.append(_list(denied, rng))
        denied = []
    elif rng.random() < bias.scope and denied and affirmed:
        sentences.append(_contrast(affirmed.pop(), denied.pop(), rng))
    sentences += [Sentence(claim.text, (claim,)) for claim in affirmed + denied]
    if not truth.signs and rng.random() < bias.normal:
        sentences.append(Sentence(_pick(words()["normal"], rng), ()))
    return Report(tuple(sentences[i] for i in rng.permutation(len(sentences))))


def labels(report: Report) -> np.ndarray:
    """What a perfect labeller reads: 1, 0, -1 or NaN for each of FINDINGS."""
    row = np.full(len(FINDINGS), np.nan)
    for claim in report.statements:
        row[FINDINGS.index(claim.finding)] = LABEL_OF[claim.polarity]
    return row


@cache
def words() -> dict[str, Any]:
    """The word lists of reports and the names of findings."""
    names = read_yaml(PACKAGE / "text" / "words" / "findings.yml")
    return {**read_yaml(FILE), "findings": names}


def _claim(finding: str, truth: Truth, bias: Bias, rng: np.random.Generator):
    present = truth.has(finding)
    rate = bias.mention if present else bias.deny_rates.get(finding, bias.deny)
    spoken, hedging, wording = rng.random(3)
    if not present and spoken < bias.doubt:
        return _hedged(finding, rng)
    if spoken >= rate:
        return None
    if present and hedging < bias.hedge:
        return _hedged(finding, rng)
    if present:
        return _affirmed(finding, truth.signs[finding], bias, rng)
    equivalents = words()["findings"][finding].get("equivalents", [])
    if wording < bias.equivalent and equivalents:
        return Statement(finding, "equivalent", _pick(equivalents, rng))
    return _denied(finding, bias, rng)


def _affirmed(finding: str, sign: Sign, bias: Bias, rng: np.random.Generator) -> Statement:
    named = rng.random(4) < bias.detail
    details = zip(sign, named, strict=True)
    told = Sign(*(value if said else type(value)() for value, said in details))
    if finding == "Edema":  # on both sides by its nature, which goes without saying
        told = told._replace(side="")
    name = told.kind or _name(finding, bias, rng)
    what = _describe(finding, told, name)
    text = worded(_pick(words()["affirmed"], rng), "" if told.kind else finding, what)
    return Statement(finding, "affirmed", text, sign=told)


def _describe(finding: str, sign: Sign, name: str) -> str:
    scale = words()["severity"]
    severity = (
        scale.get(finding, scale["default"])[sign.severity - 1] if sign.severity else ""
    )
    side = words()["side"].get(sign.side, "")
    zone = words()["zone"].get(sign.zone, "")
    return " ".join(part for part in (severity, side, zone, name) if part)


def _denied(finding: str, bias: Bias, rng: np.random.Generator) -> Statement:
    cues = words()["denied"]
    weights = np.array([cue["weight"] for cue in cues])
    cue = cues[rng.choice(len(cues), p=weights / weights.sum())]
    text = worded(_pick(cue["texts"], rng), finding, _name(finding, bias, rng))
    return Statement(finding, "denied", text, cue=cue["cue"])


def _hedged(finding: str, rng: np.random.Generator) -> Statement:
    name = words()["findings"][finding]["phrase"]
    return Statement(
        finding, "hedged", worded(_pick(words()["hedged"], rng), finding, name)
    )


def worded(template: str, finding: str, what: str) -> str:
    """A wording of the word lists with what it is about, its verb in the right number."""
    many = words()["findings"].get(finding, {}).get("plural", False)
    return template.format(what=what, **{"is": "are" if many else "is"})


def _name(finding: str, bias: Bias, rng: np.random.Generator) -> str:
    entry = words()["findings"][finding]
    others = entry.get("also", [])
    return _pick(others, rng) if others and rng.random() < bias.synonym else entry["phrase"]


def _list(denied: Sequence[Statement], rng: np.random.Generator) -> Sentence:
    names = [_phrase(claim) for claim in denied]
    items, form = f"{', '.join(names[:-1])} or {names[-1]}", _pick(words()["lists"], rng)
    claims = tuple(_under(form.format(items="").strip(), claim) for claim in denied)
    return Sentence(form.format(items=items), claims)


def _contrast(affirmed: Statement, denied: Statement, rng: np.random.Generator) -> Sentence:
    names = {claim.polarity: _phrase(claim) for claim in (affirmed, denied)}
    form = _pick(words()["contrasts"], rng)
    cue = form.format(affirmed="", denied="").removesuffix(" but ").strip()
    plain = affirmed._replace(text=names["affirmed"], sign=Sign())
    return Sentence(form.format(**names), (plain, _under(cue, denied)))


def _under(cue: str, denied: Statement) -> Statement:
    # As the joint sentence has it, where the claim's own wording and cue are not used.
    return denied._replace(text=f"{cue} {_phrase(denied)}", cue=cue)


def _phrase(claim: Statement) -> str:
    return words()["findings"][claim.finding]["phrase"]


def _pick(options: Sequence[str], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]
