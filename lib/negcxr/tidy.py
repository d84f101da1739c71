"""An executed notebook as a page shows it: what ran, without what differs by accident."""

import re
from collections.abc import Mapping

from nbformat import NotebookNode

from negcxr.parameters import TAG, Value

INJECTED = "injected-parameters"  # papermill's own tag
BAR = re.compile(r"\d+%\|")  # a progress bar's


def tidy(done: NotebookNode, values: Mapping[str, Value]) -> NotebookNode:
    """An executed notebook as a page shows it.

    The defaults are hidden and the values that ran are shown in their place; times, paths
    and progress bars, which differ from run to run, go.
    """
    done.metadata["papermill"] = {"parameters": dict(values)}
    for cell in done.cells:
        tags = cell.metadata.get("tags", [])
        if TAG in tags:
            cell.metadata["tags"] = [*tags, "remove-input"]
        if INJECTED in tags:
            cell["id"] = INJECTED  # papermill draws another one each time
        for noise in ("papermill", "execution"):
            cell.metadata.pop(noise, None)
        if cell.cell_type == "code":
            cell.outputs = [kept for out in cell.outputs if (kept := _without_bars(out))]
    return done


def _without_bars(output: NotebookNode) -> NotebookNode | None:
    if output.output_type != "stream" or output.name != "stderr":
        return output
    lines = re.split(r"[\r\n]+", output.text)
    output.text = "\n".join(line for line in lines if line and not BAR.search(line))
    return output if output.text else None
