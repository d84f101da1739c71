"""A CLIP tokenizer for the words of phantoms' reports.

Byte-pair encoding in CLIP's own form, trained on reports, so that the embedded
checkpoints load with the plain ``CLIPTokenizer`` and need a table of a few hundred
tokens instead of 49,408.
"""

import json
import string
from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

END_OF_WORD = "</w>"


def train_tokenizer(
    texts: Iterable[str], *, vocab_size: int, text_length: int
) -> CLIPTokenizer:
    """A tokenizer that knows the words of ``texts`` and can spell any other in ASCII."""
    special = ("<|startoftext|>", "<|endoftext|>")
    form = CLIPTokenizer().backend_tokenizer
    tokenizer = Tokenizer(BPE(end_of_word_suffix=END_OF_WORD, unk_token=special[1]))
    tokenizer.normalizer, tokenizer.pre_tokenizer = form.normalizer, form.pre_tokenizer
    trainer = BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(special),
        end_of_word_suffix=END_OF_WORD,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_with_alphabet(texts), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    return CLIPTokenizer(vocab=model["vocab"], merges=merges, model_max_length=text_length)


def _with_alphabet(texts: Iterable[str]) -> Iterator[str]:
    yield from texts
    # A letter has two tokens, inside a word and at its end; "aa" makes both.
    yield " ".join(2 * letter for letter in string.ascii_lowercase)
    yield " ".join(string.digits + string.punctuation)
    yield " ".join(2 * mark for mark in string.punctuation)
