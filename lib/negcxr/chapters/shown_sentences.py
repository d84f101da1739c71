"""Some sentences to look at token by token, the same on every side.

Limits: a sentence is an example and no evidence; what holds on average stands elsewhere.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from negcxr.chapters.attribution import Attributed
from negcxr.chapters.attribution_checks import Checked, shapley_sums
from negcxr.errors import InputError
from negcxr.probe.places import PADDING, token_labels
from negcxr.text.prompts import Prompt
from negcxr.text.vocabulary import Words


def shown_prompts(
    sentences: str, finding: str, words: Mapping[str, Words], known: Collection[str]
) -> list[Prompt]:
    """Sentences to be drawn, as prompts about one finding.

    Args:
        sentences: Separated by semicolons; empty for two denials of the finding, and for
            one beside an affirmed finding where another one is known.
        finding: Whose contrast they are asked about; empty for the first known one.
        known: Findings that have a contrast.

    Raises:
        InputError: The finding has no contrast.
    """
    finding = finding or next(iter(known))
    if finding not in known:
        raise InputError(
            f"shown_finding is {finding!r}, which has no contrast; choose one of: "
            f"{', '.join(known)}"
        )
    own = [text.strip() for text in sentences.split(";") if text.strip()]
    texts = own or list(_typical(finding, words))
    prompts = [
        Prompt(id=f"shown/{n}", finding=finding, polarity="denied", cue="", text=text)
        for n, text in enumerate(texts)
    ]
    others = [name for name in known if name != finding]
    if others and not own:
        text = f"{words[others[0]].phrase} without {words[finding].phrase}"
        both = {"finding": others[0], "other": finding, "polarity": "composite"}
        prompts.append(Prompt(id="shown/composite", text=text, **both))
    return prompts


def _typical(finding: str, words: Mapping[str, Words]) -> Iterator[str]:
    phrase, plural = words[finding].phrase, words[finding].plural
    yield f"no {phrase}"
    yield f"{phrase} {'are' if plural else 'is'} ruled out"


def token_table(found: Sequence[Attributed]) -> pd.DataFrame:
    """Every token of every prompt with its share; padding is one token with the sum.

    Returns:
        sentence, side, token, part, value.
    """
    rows = []
    for place, prompt in enumerate(found[0].prompts):
        for one in found:
            labels = token_labels(one.side.tower, prompt.text)
            about = {"sentence": prompt.text, "side": one.side.name}
            threes = zip(labels, one.parts[place], one.shares[place].values, strict=True)
            rows += [about | token for token in _folded(list(threes))]
    return pd.DataFrame(rows)


def _folded(tokens: list[tuple[str, str, float]]) -> Iterator[dict[str, object]]:
    padding = [value for label, _, value in tokens if label == PADDING]
    for label, part, value in tokens:
        if label != PADDING:
            yield {"token": label, "part": part, "value": value}
    if padding:
        name = f"{PADDING} ×{len(padding)}"
        yield {"token": name, "part": "special", "value": sum(padding)}


def sentence_table(checked: Sequence[Checked]) -> pd.DataFrame:
    """The target of each shown sentence, and what its parts add: a row a side.

    Returns:
        sentence, contrast of, side, target, no words (the target without any), the sums
        of the shares of cue, finding and rest, cue effect, Shapley cue.
    """
    columns = {
        **{"text": "sentence", "finding": "contrast of", "score": "target"},
        **{"blank": "no words", "cue_signed": "cue", "finding_signed": "finding"},
        **{"rest_signed": "rest", "cue_effect": "cue effect"},
    }
    parts = [
        one.found.table[list(columns)].assign(
            **{"side": one.found.side.name, "Shapley cue": shapley_sums(one, "cue")}
        )
        for one in checked
    ]
    table = pd.concat(parts).rename(columns=columns)
    table = table.sort_index(kind="stable").reset_index(drop=True)
    shown = list(columns.values())
    return table[[*shown[:2], "side", *shown[2:], "Shapley cue"]]
