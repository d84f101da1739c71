"""Held-out cues and wordings are never seen: by words, in all that a method can draw."""

import re

import numpy as np
import pytest
from tests.finetune.worlds import FINDINGS, a_pool

from negcxr.data.nih import FINDINGS as NIH
from negcxr.data.truth import FINDINGS as PHANTOM
from negcxr.finetune.batches import draw_batch
from negcxr.finetune.judging import make_judge
from negcxr.finetune.methods import read_methods
from negcxr.finetune.statements import (
    TRAINING,
    held_out,
    plain_statements,
    training_statements,
)
from negcxr.reading import read_yaml
from negcxr.text.prompts import PROMPT_SETS, load_prompt_set
from negcxr.text.vocabulary import known_findings, load_words

STEPS = 6
CHEST = read_yaml(PROMPT_SETS / "chest.yml")["prompts"]
TRAINED = read_yaml(TRAINING)["prompts"]
METHODS = read_methods()
# Their frame stands behind a cue that training sees: "evidence of A" in "no evidence of A".
BEHIND = r"\bno $"


def said_in(words, text):
    """Whether these words stand in a text, one after the other."""
    return re.search(rf"\b{re.escape(words)}\b", text) is not None


def unseen_cues():
    """Cues of the prompt set that no entry of training names."""
    known = {entry.get("cue") for entry in TRAINED}
    denied = [entry["cue"] for entry in CHEST if entry["polarity"] == "denied"]
    return sorted({*denied} - known)


def unseen_frames():
    """Wordings without a plain denial that no entry of training has."""
    known = {entry["text"] for entry in TRAINED}
    return sorted(
        entry["text"]
        for entry in CHEST
        if entry["polarity"] not in ("denied", "hedged") and entry["text"] not in known
    )


def frame_of(template, findings):
    """A pattern of a wording around any name of any finding."""
    words = load_words(findings).values()
    names = sorted({name for entry in words for name in (entry.phrase, *entry.also)})
    name = "(?:" + "|".join(map(re.escape, names)) + ")"
    slots = {"{finding}": name, "{other}": name, "{is}": "(?:is|are)"}
    slots["{side}"] = "(?:left|right)"
    parts = re.split(r"(\{\w+\})", template)
    return r"\b" + "".join(slots.get(part) or re.escape(part) for part in parts) + r"\b"


def refuse(texts, findings):
    """Fail where a text holds a held-out cue or wording."""
    frames = [re.compile(frame_of(template, findings)) for template in unseen_frames()]
    for text in texts:
        assert not [cue for cue in unseen_cues() if said_in(cue, text)], text
        for found in (match for frame in frames for match in frame.finditer(text)):
            assert re.search(BEHIND, text[: found.start()]), text


def test_there_are_cues_and_wordings_that_training_lacks():
    assert {"negative for", "clear of", "absence of", "lack of"} <= {*unseen_cues()}
    assert "no {other} but {finding}" in unseen_frames()
    assert "evidence of {finding}" in unseen_frames()


def test_the_words_of_a_cue_are_found_wherever_they_stand():
    for text in ("edema ruled out", "the lungs are clear of edema", "no absence of mass"):
        with pytest.raises(AssertionError):
            refuse([text], PHANTOM)
    for text in ("no pneumothorax but interstitial edema", "evidence of enlarged heart"):
        with pytest.raises(AssertionError):
            refuse([text], PHANTOM)
    refuse(["clear lungs", "no evidence of edema", "edema but no effusion"], PHANTOM)


@pytest.mark.parametrize("findings", [PHANTOM, NIH, known_findings()])
def test_no_text_that_training_may_draw_has_a_held_out_cue_or_wording(findings):
    refuse([said.text for said in training_statements(findings)], findings)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_no_text_that_a_method_draws_has_a_held_out_cue_or_wording(method):
    pool = a_pool(shares=method.statements, blank=0.2, policy="blank-absent")
    drawn = [
        draw_batch(pool, method.batch, seed=0, step=step, images=method.images)
        for step in range(STEPS)
    ]
    texts = {said.text for batch in drawn for said in batch.statements}
    assert len(texts) > method.batch / 2
    assert texts <= {said.text for said in training_statements(FINDINGS)}
    refuse(texts, FINDINGS)


def test_no_text_that_chooses_a_step_has_a_held_out_cue_or_wording():
    pool = a_pool()
    plain = plain_statements(FINDINGS)
    judge = make_judge(plain, pool.judged, pool.rows.astype(np.float32), pool.patients)
    assert len(judge.texts) > 20
    refuse(judge.texts, FINDINGS)


def test_what_is_told_to_be_held_out_is_what_training_lacks():
    prompts = load_prompt_set("chest", PHANTOM)
    worded = {said.text for said in training_statements(PHANTOM)}
    for prompt, out in zip(prompts, held_out(prompts), strict=True):
        if prompt.polarity == "denied":
            assert out == (prompt.cue in unseen_cues()), prompt
        else:
            assert out == (prompt.text not in worded), prompt


def test_a_cue_that_is_not_held_out_is_read_in_training():
    prompts = load_prompt_set("chest", PHANTOM)
    texts = [said.text for said in training_statements(PHANTOM)]
    denied = [prompt for prompt in prompts if prompt.polarity == "denied"]
    for prompt, out in zip(denied, held_out(denied), strict=True):
        assert out or any(said_in(prompt.cue, text) for text in texts), prompt.cue
