"""What comes back first: the top of each query, in order, with what is there."""

import numpy as np
import pytest

from negcxr.chapters import ask, retrieved


@pytest.fixture(scope="module")
def queries(hearing, prompts, sampling):
    plain = [p for p in prompts if p.polarity in ("affirmed", "denied")]
    return ask(hearing, plain, ("polarity", "finding"), sampling=sampling)


def test_the_first_images_are_those_of_the_highest_scores(hearing, queries):
    hits = retrieved(hearing, queries, k=6).hits
    assert len(hits) == 6 * len(queries.table)
    for (finding, wording), shown in hits.groupby(["finding", "wording"]):
        at = queries.table.query(
            f"finding == '{finding}' and polarity == '{wording}'"
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


def test_another_column_can_fill_the_second_list(hearing, prompts, sampling):
    asked = [p for p in prompts if p.polarity == "denied"]
    by_cue = ask(hearing, asked, ("polarity", "cue", "finding"), sampling=sampling)
    hits = retrieved(hearing, by_cue, k=1, wording="cue").hits
    assert "negative for" in set(hits["wording"])
