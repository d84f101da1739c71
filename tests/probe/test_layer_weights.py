"""Layer weights: clipped and scaled by hand, and no file of another is written over."""

import json

import numpy as np
import pytest

from negcxr.errors import InputError
from negcxr.finetune.adapt import layer_weights
from negcxr.finetune.methods import method_named
from negcxr.paths import at_root
from negcxr.probe.layer_weights import weights_of, write_weights


def test_effects_are_clipped_and_scaled_to_the_largest():
    assert weights_of(np.array([0.5, -0.1, 0.2])) == [1, 0, 0.4]
    assert weights_of(np.array([0.3, 1.7])) == [0.3, 1]


@pytest.mark.parametrize("effects", [[0.0, -0.2], [np.nan, 1.0], [np.inf, 1.0], []])
def test_effects_that_make_no_weights_are_refused(effects):
    with pytest.raises(InputError, match="allowed: numbers of which one is above 0"):
        weights_of(np.array(effects, dtype=float))


def test_what_is_written_is_what_training_reads(tmp_path):
    path = tmp_path / "new" / "weights.json"
    write_weights(path, [1.0, 0.5], about="Of a test.", checkpoint="one")
    assert layer_weights(str(path), 4) == [1, 1, 0.5, 0.5]
    write_weights(path, [0.5, 1.0], about="Of a test.", checkpoint="one")
    assert layer_weights(str(path), 2) == [0.5, 1]
    assert [file.name for file in path.parent.iterdir()] == ["weights.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"checkpoint": "other", "layers": [1]}', "is of other"),
        ('{"about": "By hand.", "layers": [1, 0]}', "is not a file of traced weights"),
        ("[1]", "is not a file of traced weights"),
        ("no JSON", "is not a file of traced weights"),
    ],
)
def test_a_file_of_another_is_not_written_over(tmp_path, text, said):
    path = tmp_path / "weights.json"
    path.write_text(text)
    with pytest.raises(InputError, match=f"weights.json {said}; allowed: .* in one") as no:
        write_weights(path, [1.0], about="Of a test.", checkpoint="one")
    assert path.read_text() == text
    assert "\n" not in str(no.value)


def test_nast_trains_by_weights_that_were_traced():
    method = method_named("nast")
    weights = layer_weights(method.layers, 4)
    assert method.source == "abbasi2026"
    assert method.terms == {"con2": 1}
    assert max(weights) == 1
    assert len(set(weights)) > 1
    assert json.loads(at_root(method.layers).read_text())["checkpoint"] == "phantom-clinic"
