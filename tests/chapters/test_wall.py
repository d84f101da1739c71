"""What comes back first: the top of each query, in order, with what is there."""

import numpy as np
import pytest

from negcxr.chapters import ask, retrieved, typical


@pytest.fixture(scope="module")
def queries(hearing, prompts, sampling):
    plain = [p for p in prompts if p.polarity in ("affirmed", "denied")]
    one = typical(plain, cues=1)
    return ask(hearing, one, ("polarity", "finding", "cue"), sampling=sampling)


def test_the_first_images_are_those_of_the_highest_scores(hearing, queries):
    hits = retrieved(hearing, queries, k=6).hits
    assert len(hits) == 6 * len(queries.table)
    for (finding, wording), shown in hits.groupby(["finding", "wording"]):
        polarity = wording.split(":")[0]
        at = queries.table.query(
            f"finding == '{finding}' and polarity == '{polarity}'"
        ).index
        scores = queries.scores[at[0]]
        assert shown["rank"].tolist() == [1, 2, 3, 4, 5, 6]
        got = [scores[int(name.removeprefix("image-"))] for name in shown["image"]]
        assert got == sorted(scores, reverse=True)[:6]
        assert set(shown["prompt"]) == {queries.table.loc[at[0], "text"]}


def test_ties_keep_the_order_of_the_images(hearing, queries):
    tied = queries._replace(scores=np.zeros_like(queries.scores))
    hits = retrieved(hearing, tied, k=3).hits
    assert hits["image"].tolist()[:3] == ["image-0", "image-1", "image-2"]


def test_a_hit_tells_whether_it_contradicts_its_prompt(hearing, queries):
    right = retrieved(hearing, queries).hits
    assert (right["contradicts"] == 0).all()  # this encoder sees and hears
    wrong = retrieved(hearing, queries._replace(scores=-queries.scores)).hits
    assert (wrong["contradicts"] == 1).all()


def test_each_picture_is_there_once_with_what_it_has(hearing, queries):
    shown = retrieved(hearing, queries)
    assert sorted(shown.pictures["image"]) == sorted(set(shown.hits["image"]))
    for picture in shown.pictures.to_dict("records"):
        row = int(picture["image"].removeprefix("image-"))
        assert picture["truth"] == hearing.truth(row)
        assert picture["url"].startswith("data:image/")


def test_typical_prompts_are_one_of_each_claim_and_of_denials_one_a_cue(prompts):
    chosen = [p for p in typical(prompts, cues=2) if p.finding == "Pneumothorax"]
    assert [(p.polarity, p.cue) for p in chosen] == [
        ("affirmed", ""),
        ("denied", "no"),
        ("denied", "without"),
        ("equivalent", ""),
    ]
    assert chosen[1].text == "no pneumothorax"


def test_a_wording_names_its_cue(hearing, prompts, sampling):
    asked = [p for p in prompts if p.polarity == "denied"]
    by_cue = ask(hearing, asked, ("polarity", "cue", "finding"), sampling=sampling)
    hits = retrieved(hearing, by_cue, k=1).hits
    assert "denied: negative for" in set(hits["wording"])


def test_no_query_brings_nothing_back(hearing, sampling):
    nothing = ask(hearing, [], ("polarity", "finding", "cue"), sampling=sampling)
    shown = retrieved(hearing, nothing)
    assert (len(shown.hits), len(shown.pictures)) == (0, 0)
