"""Signs of a finding, worded as the equivalents of its absence are.

"Sharp costophrenic angles" and "blunted costophrenic angles" have one form and no cue;
the first says that an effusion is absent, the second that it is there. Whoever tells the
two apart does not do it by a cue.

Limits: a sign is not proof, and some go with several findings. An equivalent that is not
in the list has no sign.
"""

from functools import cache

from negcxr.reading import read_yaml
from negcxr.text.vocabulary import FOLDER

SIGNS_FILE = FOLDER / "words" / "signs.yml"


def sign_for(equivalent: str) -> str:
    """The sign that stands in an equivalent's place; empty where none is known.

    Example:
        >>> sign_for("sharp costophrenic angles")
        'blunted costophrenic angles'
    """
    return _signs().get(equivalent, "")


@cache
def _signs() -> dict[str, str]:
    return read_yaml(SIGNS_FILE)
