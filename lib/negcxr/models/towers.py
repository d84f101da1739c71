"""The text tower of any dual encoder, to be taken apart."""

from negcxr.models.bert_dual import BertDualEncoder, BertDualTower
from negcxr.models.dual_tower import DualTower
from negcxr.models.encoder import DualEncoder
from negcxr.models.tower import TextTower


def open_tower(encoder: DualEncoder) -> TextTower:
    """The text tower of an encoder of any family; both share their weights."""
    if isinstance(encoder, BertDualEncoder):
        return BertDualTower(encoder)
    return DualTower(encoder)
