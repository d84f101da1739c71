"""Whether a real sentence denies what it names, by two readers of cues.

``our cues`` is `cues.parse`; ``negspacy`` is the NegEx of the package of that name, with
its own clinical terms, on a blank spaCy pipeline. Both are called alike, with a sentence
and words that stand in it, so that each can be measured on sentences that people judged.
Words that stand there more than once are denied only if they are denied each time.

Limits: both know cues and the order of words, and no grammar. Whose finding it is, and
when, they do not read. What only NegEx would tell from the words themselves ("afebrile",
"unremarkable") is affirmed by both.

Reference:
    Chapman et al. (2001), A simple algorithm for identifying negated findings.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

from negcxr.errors import InputError
from negcxr.text.cues import parse
from negcxr.text.mentions import names_in, places

MARK = "xconceptx"  # stands for the words asked of; no cue, joint or frame is like it
OURS, NEGSPACY = "our cues", "negspacy"
TERMS = "en_clinical"  # negspacy's list for clinical English

Denies = Callable[[str, str], bool]


def by_cues(sentence: str, concept: str) -> bool:
    """Whether our reader of cues takes these words of a sentence as denied.

    Raises:
        InputError: The words do not stand in the sentence.

    Example:
        >>> by_cues("No edema or effusion, but a mass.", "effusion")
        True
        >>> by_cues("No edema or effusion, but a mass.", "mass")
        False
    """
    marked, end = "", 0
    for start, stop in _places(sentence, concept):
        marked, end = f"{marked}{sentence[end:start]}{MARK}", stop
    parsed = parse(marked + sentence[end:])
    return MARK in parsed.denied and MARK not in parsed.affirmed


def by_negspacy(sentence: str, concept: str) -> bool:
    """Whether negspacy takes these words of a sentence as denied.

    Raises:
        InputError: The words do not stand in the sentence, or negspacy is not there.
    """
    doc = _one_sentence(sentence)
    spans = [
        doc.char_span(*place, label="concept", alignment_mode="expand")
        for place in _places(sentence, concept)
    ]
    doc.set_ents(_apart(spans))
    _negex()(doc)
    return all(entity._.negex for entity in doc.ents)


READERS: dict[str, Denies] = {OURS: by_cues, NEGSPACY: by_negspacy}


def has_negspacy() -> bool:
    """Whether negspacy is installed; nothing is imported to find out."""
    return find_spec("negspacy") is not None


def readers() -> dict[str, Denies]:
    """The readers that are there: ours always, negspacy if it is installed."""
    return READERS if has_negspacy() else {OURS: by_cues}


def denies_finding(sentence: str, finding: str, reader: Denies) -> bool:
    """Whether a reader takes a finding as denied under every name that it has here.

    Raises:
        InputError: The sentence does not name the finding.
    """
    names = names_in(sentence, finding)
    if not names:
        raise InputError(f"no name of {finding!r} stands in the sentence {sentence!r}")
    return all(reader(sentence, name) for name in names)


def negspacy_cues(sentence: str) -> tuple[str, ...]:
    """The terms by which negspacy would deny something; of nested ones the longest.

    Raises:
        InputError: negspacy is not there.
    """
    doc = _one_sentence(sentence)
    before, after, _ = _negex().process_negations(doc)
    spans = _apart([doc[start:stop] for _, start, stop in (*before, *after)])
    return tuple(span.text.lower() for span in spans)


def _places(sentence: str, concept: str) -> list[tuple[int, int]]:
    found = places(sentence, concept)
    if not found:
        raise InputError(f"{concept!r} does not stand in the sentence {sentence!r}")
    return found


def _one_sentence(text: str) -> Any:
    """A text as spaCy's tokens, of which the first alone begins a sentence."""
    doc = _pipeline().make_doc(text)
    for token in doc:
        token.is_sent_start = token.i == 0
    return doc


def _apart(spans: list[Any]) -> list[Any]:
    from spacy.util import filter_spans

    return filter_spans(spans)


def _negex() -> Any:
    return _pipeline().get_pipe("negex")


@cache
def _pipeline() -> Any:
    """A blank English pipeline with NegEx; no model is needed, as spans are given."""
    try:
        import spacy
        from negspacy.termsets import termset
    except ImportError as error:
        raise InputError(
            f"negspacy is not there ({error}); get it with: pip install 'negspacy>=1.1'"
        ) from None
    import negspacy.negation  # noqa: F401  tells spaCy of "negex"

    pipeline = spacy.blank("en")
    terms = termset(TERMS).get_patterns()
    pipeline.add_pipe("negex", config={"neg_termset": terms})
    return pipeline
