"""Where the book's parts lie in a project, and which runs there are to show.

A run is live, below ``results/``, or kept: then it lies in ``artifacts/<artifact>/<run>/``
and the book calls it ``<artifact>-<run>``.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from negcxr.artifacts.form import MARK
from negcxr.errors import InputError
from negcxr.paths import ROOT
from negcxr.results import Result, read_result
from negcxr.runs import read_record, write_whole


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

    def kept(self) -> dict[str, Path]:
        """The folder of each kept run, by the name that the book has for it.

        Tuned weights are no run, and a folder whose name begins with a dot is being made.

        Raises:
            InputError: Two runs would have the same name; the message has both.
        """
        folders: dict[str, Path] = {}
        for folder in sorted((self.root / "artifacts").glob("[!.]*/[!.]*/")):
            if folder.parent.name.endswith(MARK):
                continue
            name = f"{folder.parent.name}-{folder.name}"
            for other in (folders.get(name), self.root / "results" / name):
                if other and other.is_dir():
                    raise InputError(f"{folder} and {other} are both {name!r} in the book")
            folders[name] = folder
        return folders

    def executed(self, run: str) -> list[Path]:
        """The executed notebooks of a run, in the order of their numbers.

        Those of a kept run are where the book has them, once it is prepared.
        """
        shown = self.book / "executed" / run
        folder = self.kept().get(run, shown)
        return sorted(shown / path.name for path in folder.glob("*.ipynb"))

    def runs(self) -> list[str]:
        """Names of the runs that have an executed notebook, kept ones included."""
        folders = (self.book / "executed").glob("*/")
        names = {*self.kept(), *(folder.name for folder in folders)}
        return sorted(name for name in names if self.executed(name))

    def result_path(self, run: str, notebook: str) -> Path:
        """The file that a notebook wrote in a run."""
        return self.kept().get(run, self.root / "results" / run) / f"{notebook}.json"

    def results(self, run: str) -> dict[str, Result]:
        """Every result of a run by notebook; empty where there is none."""
        notebooks = [path.stem for path in self.executed(run)]
        paths = {name: self.result_path(run, name) for name in notebooks}
        return {name: read_result(path) for name, path in paths.items() if path.is_file()}

    def asked(self, run: str) -> list[str] | None:
        """The jobs that a run's study asked for; None where that is not recorded."""
        return read_record(self.root / "results" / run).get("notebooks")

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
