"""The wall of retrieved images: each stored once, each judged in words."""

import base64
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from negcxr.errors import InputError
from negcxr.figures import gallery, thumbnail

URL = thumbnail(Image.fromarray(np.zeros((8, 8), np.uint8)))
PICTURES = pd.DataFrame(
    {"image": ["one", "two"], "url": [URL, URL], "truth": ["Edema", ""]}
)
HITS = pd.DataFrame(
    {
        "finding": ["Edema", "Edema", "Edema"],
        "wording": ["with", "no", "no"],
        "prompt": ["edema", "no edema", "no edema"],
        "rank": [1, 2, 1],
        "image": ["one", "two", "one"],
        "contradicts": [0.0, 0.0, 1.0],
    }
)


def wall(hits: pd.DataFrame = HITS, pictures: pd.DataFrame = PICTURES) -> str:
    return str(gallery(hits, pictures, description="What comes back."))


def test_an_image_is_stored_once_and_drawn_at_each_place_where_it_came_up():
    assert (wall().count("<image "), wall().count("<use ")) == (2, 3)


def test_an_image_says_in_words_whether_it_contradicts_its_prompt():
    assert wall().count("contradicts the prompt") == 1
    assert wall().count("fits the prompt") == 2


def test_an_image_that_is_not_judged_says_so():
    hits = HITS.assign(contradicts=[0.0, float("nan"), 1.0])
    assert "? not judged" in wall(hits)


def test_a_panel_counts_what_contradicts_its_prompt():
    assert "&ldquo;no edema&rdquo;: 1 of the first 2 contradict it" in wall()


def test_the_images_of_a_prompt_stand_by_rank():
    panel = wall()[wall().index("no edema") :]
    assert panel.index("image 1: Edema") < panel.index("image 2: none of the findings")


def test_each_combination_of_finding_and_wording_has_a_panel():
    assert wall().count('class="panel') == 2


def test_a_wall_needs_no_script():
    assert "<script" not in wall() and "onchange" not in wall()


def test_two_walls_on_a_page_are_told_apart():
    other = wall(HITS.assign(prompt="another"))
    assert wall().split()[2] != other.split()[2]


def test_a_prompt_cannot_act_as_html():
    assert "<b>x" not in wall(HITS.assign(prompt="<b>x"))


def test_an_image_without_a_picture_is_named():
    with pytest.raises(InputError, match="image two was retrieved but has no picture"):
        wall(pictures=PICTURES[:1])


def test_pictures_that_weigh_too_much_are_refused():
    heavy = PICTURES.assign(url="data:image/jpeg;base64," + "A" * 700_000)
    with pytest.raises(InputError, match="2 pictures weigh 1,400,046 bytes"):
        wall(pictures=heavy)


def test_a_thumbnail_is_a_jpeg_that_keeps_its_proportions():
    url = thumbnail(Image.new("RGB", (400, 200)), size=100)
    content = base64.b64decode(url.removeprefix("data:image/jpeg;base64,"))
    small = Image.open(BytesIO(content))
    assert (small.format, small.mode, small.size) == ("JPEG", "L", (100, 50))
