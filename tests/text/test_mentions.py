"""Findings named in sentences, and where words stand."""

import pytest

from negcxr.text.mentions import findings_in, names_in, places


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        pytest.param("Small pleural effusion.", ("pleural effusion",), id="phrase"),
        pytest.param("An EFFUSION is seen", ("EFFUSION",), id="other name, any case"),
        pytest.param("bilateral effusions", ("effusions",), id="plural"),
        pytest.param("pleural\n effusion", ("pleural\n effusion",), id="any space"),
        pytest.param("effusion; no other effusion", ("effusion",), id="twice, told once"),
        pytest.param("suffusion of colour", (), id="part of a word"),
        pytest.param("The lungs are clear.", (), id="not named"),
    ],
)
def test_a_finding_goes_by_its_names_as_they_stand(sentence, found):
    assert names_in(sentence, "Pleural Effusion") == found


def test_of_two_names_at_one_place_the_longer_counts():
    assert names_in("a pulmonary mass", "Mass") == ("pulmonary mass",)


def test_the_findings_of_a_sentence_come_in_the_order_asked():
    sentence = "Edema, masses and cardiomegaly."
    asked = ("Cardiomegaly", "Fracture", "Mass", "Edema")
    assert findings_in(sentence, asked) == ("Cardiomegaly", "Mass", "Edema")


def test_a_finding_without_words_goes_by_its_own_name():
    assert names_in("Azygos Lobe, a variant", "azygos lobe") == ("Azygos Lobe",)


@pytest.mark.parametrize(
    ("concept", "found"),
    [
        pytest.param("mi", [(3, 5)], id="whole words alone"),
        pytest.param("p.o. fluids", [(12, 24)], id="signs and spaces"),
        pytest.param("stroke", [], id="not there"),
    ],
)
def test_words_are_found_where_they_stand(concept, found):
    assert places("no MI admit p.o.  fluids semi", concept) == found
