"""What tests of any room may use."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

DEFAULTS = 'seed: int = 0  # draws\nresults: str = "results/scratch"  # where it writes'


@pytest.fixture
def make_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a notebook of the cells given, under a cell of parameters."""

    def make(*cells: str, parameters: str | None = DEFAULTS, name: str = "10_tiny") -> Path:
        made = v4.new_notebook(cells=[v4.new_markdown_cell("# Tiny")])
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        made.metadata["language_info"] = {"name": "python"}
        if parameters is not None:
            tagged = {"tags": ["parameters"]}
            made.cells.append(v4.new_code_cell(parameters, metadata=tagged))
        made.cells += [v4.new_code_cell(source) for source in cells]
        path = tmp_path / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(made, path)
        return path

    return make
