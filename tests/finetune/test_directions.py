"""Directions are read as they were written, and nothing else is taken for one."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from negcxr.errors import InputError
from negcxr.finetune.directions import read_direction, write_direction

ROW = np.array([0.6, 0.8])


def test_a_direction_is_read_as_it_was_written(tmp_path):
    path = write_direction(tmp_path / "polarity.json", ROW, about="from affirmed to denied")
    np.testing.assert_array_equal(read_direction(path, dim=2), ROW)
    assert json.loads(path.read_text())["about"] == "from affirmed to denied"


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_a_direction_may_lie_in_safetensors(tmp_path, dtype):
    path = tmp_path / "polarity.safetensors"
    save_file({"direction": ROW.astype(dtype)}, path)
    np.testing.assert_allclose(read_direction(path, dim=2), ROW, atol=1e-3)


def test_a_direction_of_another_length_is_made_unit(tmp_path):
    path = tmp_path / "polarity.json"
    path.write_text('{"direction": [3, 4]}')
    np.testing.assert_allclose(read_direction(path, dim=2), ROW)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"direction": [1, 0, 0]}', "its direction is 3; allowed: 2, as the rows"),
        ('{"direction": [[1, 0]]}', "its direction is 1 x 2; allowed: 2"),
        ('{"direction": 1}', "its direction is one number; allowed: 2"),
        ('{"direction": [0, 0]}', "its direction has length 0.0; allowed: above 0"),
        ('{"direction": [NaN, 0]}', "its direction has length nan"),
        ('{"direction": ["up", 0]}', "no direction to read .ValueError"),
        ('{"direction": {"x": 1}}', "no direction to read .TypeError"),
        ('{"way": [1, 0]}', "no direction to read .KeyError"),
        ("[1, 0]", "no direction to read .TypeError"),
        ("no JSON", "no direction to read .JSONDecodeError"),
    ],
)
def test_what_is_no_direction_is_refused_by_file(tmp_path, content, said):
    path = tmp_path / "polarity.json"
    path.write_text(content)
    with pytest.raises(InputError, match=f"polarity.json: {said}"):
        read_direction(path, dim=2)


def test_a_file_that_is_not_there_or_broken_is_refused(tmp_path):
    with pytest.raises(InputError, match="none.json: no direction to read .FileNotFound"):
        read_direction(tmp_path / "none.json", dim=2)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"not tensors")
    with pytest.raises(InputError, match="broken.safetensors: no direction to read"):
        read_direction(broken, dim=2)


def test_only_a_unit_direction_is_written(tmp_path):
    with pytest.raises(InputError, match="direction row 0 has length 2, not 1"):
        write_direction(tmp_path / "x.json", 2 * ROW, about="twice")
    assert not list(tmp_path.iterdir())
