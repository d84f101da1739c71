"""What a folder says of how tokens become a row: by the mean over them, or not at all.

Weights do not say it. Folders of sentence encoders often do, in ``1_Pooling/config.json``
as the package sentence-transformers writes it, so that file is asked.

Reference:
    Reimers & Gurevych (2019), Sentence-BERT, https://arxiv.org/abs/1908.10084.
"""

from pathlib import Path

from negcxr.errors import InputError
from negcxr.models.checkpoint import POOLING, read_json

MEAN = "pooling_mode_mean_tokens"


def says_mean(folder: Path) -> bool:
    """Whether a folder says that its row is the mean over tokens; False if it says nothing.

    Raises:
        InputError: It names another way, or a layer behind the mean, which is computed
            nowhere here.
    """
    path = folder / POOLING
    behind = sorted(path.name for path in folder.glob("[0-9]*_Dense"))
    if behind:
        raise InputError(f"{folder}: {behind[0]} behind the mean; allowed: nothing")
    if not path.is_file():
        return False
    used = [
        mode
        for mode, on in read_json(path).items()
        if mode.startswith("pooling_") and on is True
    ]
    if used != [MEAN]:
        raise InputError(f"{path}: {', '.join(used) or 'no mode'}; allowed: {MEAN} alone")
    return True
