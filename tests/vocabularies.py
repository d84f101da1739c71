"""Small vocabularies of each kind of tokenizer, made by hand or counted from sentences."""

import json
from pathlib import Path

import sentencepiece
from tokenizers.pre_tokenizers import ByteLevel

WORDS = "no not without evidence of pleural effusion pneumonia edema left right".split()
SENTENCES = ["no evidence of pleural effusion or pneumonia", "the heart is not enlarged"]
BYTES = sorted(ByteLevel.alphabet())  # a letter a byte, so that no sign is unknown
PRINTABLE = [chr(code) for code in range(33, 127)]
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
FRAME = Path(__file__).parent / "gemma_tokenizer.json"


def clip_pieces() -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Letters, pieces of words up to whole ones, and the merges that make them."""
    letters = [*BYTES, *(letter + "</w>" for letter in BYTES)]
    merges: list[tuple[str, str]] = []
    for word in WORDS:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            merges.append((pieces[0], pieces[1]))
            pieces[:2] = [pieces[0] + pieces[1]]
    merges = list(dict.fromkeys(merges))
    return letters, ["".join(pair) for pair in merges], merges


def gemma_tokenizer() -> dict:
    """A ``tokenizer.json`` of the form that SigLIP 2 comes with: cased, with bytes."""
    frame = json.loads(FRAME.read_text())
    merges = [["n", "o"], ["p", "l"], ["e", "f"], ["ef", "f"], ["i", "on"], ["o", "n"]]
    pieces = SPECIAL + [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += ["▁", *PRINTABLE, *("".join(pair) for pair in merges)]
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    frame["added_tokens"] = [
        {"id": i, "content": token, "special": True} | plain
        for i, token in enumerate(SPECIAL)
    ]
    frame["model"]["vocab"] = {piece: i for i, piece in enumerate(pieces)}
    frame["model"]["merges"] = merges
    return frame


def bert_pieces() -> list[str]:
    """Word pieces in lower case, each letter at both places, so that none is unknown."""
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [sign for sign in PRINTABLE if not sign.isupper()]
    words = [*WORDS, "heart", "pneumo", "##thorax"]
    return list(dict.fromkeys([*marks, *words, *letters, *(f"##{s}" for s in letters)]))


def train_pieces(target: Path) -> None:
    """A sentencepiece model as SigLIP's: padding 0, end of text 1, unknown 2, no start."""
    with target.open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(SENTENCES + WORDS),
            model_writer=stream,
            model_type="bpe",  # counted, not estimated: the same pieces everywhere
            vocab_size=64,
            pad_id=0,
            eos_id=1,
            unk_id=2,
            bos_id=-1,
            minloglevel=2,
            num_threads=1,
        )
