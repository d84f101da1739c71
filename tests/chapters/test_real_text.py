"""What real text is there, and what is said where it is not."""

import pandas as pd
import pytest
from tests.chapters import real

from negcxr.chapters import real_text
from negcxr.chapters.real_text import open_real_text, sources


@pytest.fixture
def there(monkeypatch):
    """Stands in for all that can be fetched or lies in a folder."""
    kit = pd.DataFrame({"sentence": ["No X."], "concept": ["X"], "negation": ["Negated"]})
    monkeypatch.setattr(real_text.fetch, "is_there", lambda name: name == "open-i")
    monkeypatch.setattr(real_text.fetch, "fetched", lambda name: f"file of {name}")
    monkeypatch.setattr(real_text.openi, "read_reports", lambda path: real.reports())
    monkeypatch.setattr(real_text.openi, "read_gold", lambda folder: real.gold())
    monkeypatch.setattr(real_text.openi, "read_negex", lambda folder: kit)
    monkeypatch.setattr(real_text.openi, "sentences", lambda reports: real.sentences())


def test_what_is_there_is_read(there):
    text = open_real_text("a folder")
    assert [len(table) for table in text] == [5, 8, 5, 1]
    assert text.kit["denied"].tolist() == [True]
    assert sources(text)["there"].tolist() == ["5", "5", "1", "yes"]
    assert (sources(text)["get it by"] == "").all()


def test_without_a_folder_reports_alone_are_read(there):
    text = open_real_text("")
    assert [len(table) for table in text] == [5, 8, 0, 0]


def test_what_is_missing_is_an_empty_table_and_a_way_to_get_it(monkeypatch):
    monkeypatch.setattr(real_text.fetch, "is_there", lambda name: False)
    monkeypatch.setattr(real_text, "has_negspacy", lambda: False)
    text = open_real_text("")
    assert {"report", "text"} <= set(text.reports)
    assert {"sentence", "concept", "denied"} <= set(text.kit)
    table = sources(text).set_index("source")
    assert (table["there"] == "no").all()
    assert "negcxr data fetch open-i" in table.loc["Open-I reports", "get it by"]
    assert "negspacy" in table.loc["negspacy", "get it by"]
