"""The picture of samples: what it shows, and when there is none."""

import numpy as np
import pytest
from PIL import Image

from negcxr.data.check_sheet import GAP, HEAD, SIDE, contact_sheet, why_no_sheet


class Plain:
    """Images of one grey level each, twice as wide as high."""

    def open(self, row):
        return Image.new("L", (20, 10), 100 + row)


@pytest.fixture
def dataset(make_dataset):
    return make_dataset(images=Plain())


def middle(sheet, place):
    x, y = GAP + place % 4 * (SIDE + GAP), HEAD
    return sheet.getpixel((x + SIDE // 2, y + SIDE // 2))


def test_images_stand_in_the_order_asked_for(dataset):
    sheet = contact_sheet(dataset, [3, 0, 5])
    assert [middle(sheet, place) for place in range(3)] == [103, 100, 105]


def test_an_image_keeps_its_shape(dataset):
    sheet = np.asarray(contact_sheet(dataset, [0]))
    first = sheet[HEAD : HEAD + SIDE, GAP : GAP + SIDE]
    assert (first == 100).sum() == SIDE * SIDE // 2  # black above and below


def test_eight_images_stand_in_two_rows_of_four(dataset):
    four, eight = (contact_sheet(dataset, [*range(4)] * n) for n in (1, 2))
    assert four.width == eight.width == 4 * (SIDE + GAP) + GAP
    assert eight.height > four.height + SIDE


def test_captions_differ_where_labels_do(make_dataset):
    labels = np.array([[1, 0]] * 6)
    one = contact_sheet(make_dataset(images=Plain()), [0])
    same = contact_sheet(make_dataset(images=Plain(), labels=labels * 1.0), [0])
    other = contact_sheet(make_dataset(images=Plain(), labels=1.0 - labels), [0])
    assert one.tobytes() == same.tobytes()
    assert one.tobytes() != other.tobytes()


def test_films_that_may_be_shown_have_no_reason_against(dataset):
    assert why_no_sheet(dataset) == ""


def test_a_private_folder_is_told_how_to_allow_it(make_dataset):
    reason = why_no_sheet(make_dataset(shows_images=False))
    assert "about.yml" in reason and "shows_images: true" in reason


def test_credentialed_films_are_never_shown(make_dataset):
    dataset = make_dataset(shows_images=False, credentialed=True)
    assert "forbid that an image of it leaves the machine" in why_no_sheet(dataset)
