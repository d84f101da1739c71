"""Asking at size gives the table that asking in memory gives."""

import re

import numpy as np
import pandas as pd
import pytest

from negcxr import paths
from negcxr.chapters import ask, measure
from negcxr.chapters.at_size import asked_by, measure_at_size
from negcxr.chapters.queries import CLAIM
from negcxr.errors import InputError
from negcxr.measure.ranking import METRICS

NAN = float("nan")
KINDS = ("affirmed", "denied", "composite", "scope", "side", "hedged")


@pytest.fixture(scope="module")
def asked(prompts):
    return [prompt for prompt in prompts if prompt.polarity in KINDS]


@pytest.mark.parametrize("policy", ["explicit", "blank-absent-uncertain-present"])
def test_the_table_is_that_of_asking_in_memory(policy, make_gallery, asked, sampling):
    labels = np.random.default_rng(4).choice([1.0, 0.0, -1.0, NAN], size=(160, 4))
    gallery = make_gallery(hears=False, noise=1.5, labels=labels, policy=policy)
    usual = measure(ask(gallery, asked, CLAIM, sampling=sampling), gallery, sampling)
    how = {"sampling": sampling, "policy": policy}
    ours = measure_at_size(gallery.encoder, gallery.dataset, asked, CLAIM, **how)
    assert usual["value"].notna().any()
    pd.testing.assert_frame_equal(ours, usual, check_exact=False, rtol=0, atol=1e-9)


def test_prompts_of_one_claim_share_their_rows(prompts, deaf):
    plain = [p for p in prompts if p.polarity in ("affirmed", "denied")]
    found = asked_by(plain, deaf.dataset.findings, deaf.relevance)
    assert len(plain) > 40
    # Of four findings: who has it, and who lacks it; each contradicts the other.
    assert found.judged.shape == (8, 160)


def test_a_denial_wants_what_its_affirmation_rules_out(prompts, deaf):
    one = [p for p in prompts if p.finding == "Edema" and p.polarity == "affirmed"][:1]
    other = [p for p in prompts if p.finding == "Edema" and p.polarity == "denied"][:1]
    found = asked_by([*one, *other], deaf.dataset.findings, deaf.relevance)
    assert found.pairs() == [(0, 1), (1, 0)]


def test_prompts_that_do_not_ask_for_the_same_are_no_query(asked, deaf, sampling):
    with pytest.raises(InputError, match="mix several of"):
        measure_at_size(deaf.encoder, deaf.dataset, asked, ("template",), sampling=sampling)


@pytest.mark.model
def test_the_example_of_the_page_gives_a_row_for_each_measure(tmp_path, monkeypatch):
    page = (paths.BOOK / "scale.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    exec(example.replace("n_images=200", "n_images=40"), {})
    table = pd.read_csv("measures.csv")
    assert set(table["polarity"]) == {"affirmed", "denied"}
    assert set(table["measure"]) == set(METRICS)
    assert len(table) == 2 * table["finding"].nunique() * len(METRICS)
