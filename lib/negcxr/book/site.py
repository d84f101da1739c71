"""Where the book's parts lie in a project, and which runs there are to show."""

import json
from dataclasses import dataclass
from pathlib import Path

from negcxr.errors import InputError
from negcxr.paths import ROOT
from negcxr.results import Result, read_result
from negcxr.runs import write_whole


@dataclass(frozen=True)
class Site:
    """The folders of one project that the book reads and writes."""

    root: Path = ROOT

    @property
    def book(self) -> Path:
        """Pages, extensions and what is generated for them."""
        return self.root / "book"

    @property
    def generated(self) -> Path:
        """Includes, pages and pictures made from results."""
        return self.book / "generated"

    @property
    def html(self) -> Path:
        """The built book."""
        return self.root / "_build" / "html"

    def executed(self, run: str) -> list[Path]:
        """The executed notebooks of a run, in the order of their numbers."""
        return sorted((self.book / "executed" / run).glob("*.ipynb"))

    def runs(self) -> list[str]:
        """Names of the runs that have an executed notebook."""
        folders = (self.book / "executed").glob("*/")
        return sorted(folder.name for folder in folders if self.executed(folder.name))

    def result_path(self, run: str, notebook: str) -> Path:
        """The file that a notebook wrote in a run."""
        return self.root / "results" / run / f"{notebook}.json"

    def results(self, run: str) -> dict[str, Result]:
        """Every result of a run by notebook; empty where there is none."""
        folder = self.root / "results" / run
        notebooks = [path.stem for path in self.executed(run)]
        paths = {name: folder / f"{name}.json" for name in notebooks}
        return {name: read_result(path) for name, path in paths.items() if path.is_file()}

    def shown_run(self) -> str:
        """The run that the pages were last prepared for."""
        return json.loads((self.generated / "book.json").read_text("utf-8"))["run"]

    def require_run(self, run: str) -> None:
        """Refuse a run that has nothing to show.

        Raises:
            InputError: Names the run and those that exist.
        """
        if run not in self.runs():
            known = ", ".join(self.runs()) or "none yet"
            raise InputError(f"run {run!r} has no executed notebook; runs: {known}")


def write(path: Path, text: str) -> None:
    """Write a text whole, and leave the file alone if it says so already.

    An unchanged file keeps its time, so that Sphinx does not read its pages again.
    """
    write_whole(path, text.encode("utf-8"))
