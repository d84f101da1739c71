"""What of the study works on a checkpoint, with which limits, and at what cost.

Every chapter takes every family; but a mean over tokens has no single token that is read,
half precision is too coarse for shares that must sum, a large tower has many heads, and a
tokenizer may drop what a cue is made of. This is said before hours are spent.

Limits: costs are estimates (`negcxr.models.cost`), and a limit that shows only on your
own data is not seen here.
"""

from typing import Literal, NamedTuple

from negcxr.models.check_text import Hearing
from negcxr.models.cost import GPU, LAPTOP, Tower, in_words
from negcxr.models.encoder import DualEncoder

SWEPT = 300  # prompts that a head is taken from, about as many as the set chest has
LARGE = 512  # the width of a text tower from which learning rates must be smaller
HALF = "half precision is too coarse for shares that must sum; run it in float32"
NO_READ = "the row is a mean over tokens, so none is read, and that place has no effect"
COMMA = "denials whose scope a comma ends read as ones that go on"
SMALL_STEPS = "take smaller steps: --lr; which size is right was not measured"
OF_ITS_OWN = "measures small models that it trains itself, whatever the checkpoint"
BESIDE = "stands beside another encoder, which negcxr data fetch minilm brings"
TUNED = "compares what 20_method leaves, of this run and of kept ones"
SEVERAL = "compares methods: a run with 20_method and two of them or more"
State = Literal["works", "works with limits", "will not"]


class Work(NamedTuple):
    """What becomes of one chapter.

    Attributes:
        chapter: Its notebook.
        state: Whether it works.
        why: The limits, or the reason; empty where there is none.
    """

    chapter: str
    state: State
    why: str = ""


def works(encoder: DualEncoder, hearing: Hearing, text: Tower) -> list[Work]:
    """The study's chapters on a checkpoint, in their order."""
    mean = encoder.token_table("no effusion").pooled < 0
    limits = {
        "10_retrieval": "",
        "11_choice": "",
        "12_cues": _cues(hearing),
        "13_shortcuts": "",
        "20_method": _training(encoder),
        "25_training_free": "",
        "26_interpolation": "",
        "27_no_price": TUNED,
        "29_comparison": "",
        "30_attribution": HALF if encoder.dtype != "float32" else "",
        "31_geometry": "",
        "32_heads": _heads(encoder, text),
        "33_tracing": NO_READ if mean else "",
        "34_probes": "",
        "35_real_sentences": _reports(encoder, hearing),
        "36_sentence_encoder": BESIDE,
        "39_what_changed": SEVERAL,
        "40_your_checkpoint": "",
        "41_policies": "",
        "42_ledger": "",
        "43_reporting_bias": OF_ITS_OWN,
        "50_runs": "",
    }
    refused = {"20_method"} if encoder.dtype == "float16" else set()
    refused |= {"30_attribution"} if encoder.dtype != "float32" else set()
    return [Work(name, _state(why, name in refused), why) for name, why in limits.items()]


def _state(why: str, refused: bool) -> State:
    return "will not" if refused else "works with limits" if why else "works"


def _cues(hearing: Hearing) -> str:
    lost = [cue for cue, pieces in hearing.cues.items() if not pieces]
    said = [f"never gets {' and '.join(map(repr, lost))}"] if lost else []
    return "; ".join(said + ([] if hearing.comma else [COMMA]))


def _training(encoder: DualEncoder) -> str:
    if encoder.dtype == "float16":
        return "float16 has no room for small gradients; train in float32 or bfloat16"
    width = encoder.model.config.text_config.hidden_size
    return SMALL_STEPS if width >= LARGE else ""


def _heads(encoder: DualEncoder, text: Tower) -> str:
    heads = encoder.model.config.text_config.num_attention_heads
    count = text.layers * heads
    # On the average half of the layers stand before a head and are computed once.
    operations = count * SWEPT * text.operations / 2
    laptop, gpu = (in_words(operations / speed) for speed in (LAPTOP, GPU))
    swept = f"{text.layers} layers x {heads} heads, {SWEPT} prompts each"
    return f"{swept}: about {laptop} on a laptop, {gpu} on one GPU"


def _reports(encoder: DualEncoder, hearing: Hearing) -> str:
    cut = f"texts beyond {encoder.text_length} tokens are cut, and the chapter counts them"
    return cut if hearing.comma else f"{cut}; {COMMA}"
