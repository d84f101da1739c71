"""What a checkpoint's tokenizer makes of denials: whether the words and commas reach it.

A cue that becomes an unknown token is lost before the model begins, and one whose scope a
comma ends goes on where the comma is dropped. Both can be seen from tokens alone.

Limits: that a token reaches the model does not say that the model heeds it.
"""

from typing import NamedTuple

from negcxr.models.encoder import DualEncoder

CUES = ("no", "without")
SENTENCES = (
    "no pleural effusion",
    "No evidence of pneumothorax, effusion.",
    "The heart is normal in size and the mediastinal contours are within normal limits, "
    "without focal consolidation, pulmonary edema or pleural effusion on either side; "
    "there is no pneumothorax, no displaced rib fracture, no free air below the "
    "diaphragm, and compared with the film of last year the small nodule in the left "
    "upper lobe is unchanged, the central line ends in the superior vena cava as before, "
    "and degenerative changes of the thoracic spine are mild and without progression.",
)


class Reading(NamedTuple):
    """What is read of one sentence.

    Attributes:
        text: The sentence.
        pieces: Its tokens as pieces of text, without start, end and padding.
        length: How many tokens it has, start and end among them, before it is cut.
        cut: Whether it is longer than what is read.
        unknown: How many of its tokens are unknown words.
    """

    text: str
    pieces: tuple[str, ...]
    length: int
    cut: bool
    unknown: int


class Hearing(NamedTuple):
    """What of a denial's writing makes a difference to the tokens.

    Attributes:
        cues: The pieces of each cue; none where it is lost.
        comma: Whether a comma makes a difference.
        full_stop: Whether a full stop does.
        case: Whether capital letters do.
    """

    cues: dict[str, tuple[str, ...]]
    comma: bool
    full_stop: bool
    case: bool


def readings(encoder: DualEncoder) -> tuple[Reading, ...]:
    """What is read of each of ``SENTENCES``.

    Raises:
        InputError: The model cannot read one of them.
    """
    return tuple(_reading(encoder, text) for text in SENTENCES)


def _reading(encoder: DualEncoder, text: str) -> Reading:
    pieces = _pieces(encoder, text)
    (whole,) = encoder.tokenizer([text], verbose=False)["input_ids"]
    unknown = sum(piece == encoder.tokenizer.unk_token for piece in pieces)
    (cut,) = encoder.truncated([text]).tolist()
    return Reading(text, pieces, len(whole), cut, unknown)


def hearing(encoder: DualEncoder) -> Hearing:
    """What of a denial's writing reaches the model."""

    def differ(one: str, other: str) -> bool:
        return _pieces(encoder, one) != _pieces(encoder, other)

    return Hearing(
        cues={cue: _cue(encoder, cue) for cue in CUES},
        comma=differ("no effusion, pneumothorax", "no effusion pneumothorax"),
        full_stop=differ("no effusion.", "no effusion"),
        case=differ("No Effusion", "no effusion"),
    )


def _cue(encoder: DualEncoder, cue: str) -> tuple[str, ...]:
    """The pieces of a cue, if they reach the model."""
    pieces = _pieces(encoder, cue)
    heard = _pieces(encoder, f"{cue} effusion") != _pieces(encoder, "effusion")
    return pieces if heard and encoder.tokenizer.unk_token not in pieces else ()


def _pieces(encoder: DualEncoder, text: str) -> tuple[str, ...]:
    table = encoder.token_table(text)
    pairs = zip(table.strings, table.special.tolist(), strict=True)
    return tuple(piece for piece, special in pairs if not special)
