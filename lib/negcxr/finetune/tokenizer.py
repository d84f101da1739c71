"""A CLIP tokenizer for the words of phantoms' reports.

Byte-pair encoding in CLIP's own form, trained on reports, so that the embedded
checkpoints load with the plain ``CLIPTokenizer`` and need a table of a few hundred
tokens instead of 49,408.
"""

import json
import string
from collections.abc import Iterable

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

END_OF_WORD = "</w>"
MARKS = ("<|startoftext|>", "<|endoftext|>")
SIGNS = string.ascii_lowercase + string.digits + string.punctuation


def train_tokenizer(
    texts: Iterable[str], *, vocab_size: int, text_length: int
) -> CLIPTokenizer:
    """A tokenizer that knows the words of ``texts`` and can spell any other in ASCII.

    The same texts give the same ids, so that a training that goes on reads its own words.
    """
    form = CLIPTokenizer().backend_tokenizer
    tokenizer = Tokenizer(BPE(end_of_word_suffix=END_OF_WORD, unk_token=MARKS[1]))
    tokenizer.normalizer, tokenizer.pre_tokenizer = form.normalizer, form.pre_tokenizer
    # A sign has two tokens, inside a word and at its end. The trainer would number the
    # latter in an order of its own each time, so they are named with the marks.
    ends = [f"{sign}{END_OF_WORD}" for sign in SIGNS]
    trainer = BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[*MARKS, *ends],
        initial_alphabet=list(SIGNS),
        end_of_word_suffix=END_OF_WORD,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    return CLIPTokenizer(vocab=model["vocab"], merges=merges, model_max_length=text_length)
