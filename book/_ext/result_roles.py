"""Roles for numbers and chapters, so that prose names them instead of containing them.

    {result}`10_retrieval::denied_auroc`          0.13 [0.11, 0.15], and n on hovering
    {result}`10_retrieval::denied_auroc|percent`  one of negcxr.book.numbers.FORMS
    {result}`clinic/10_retrieval::denied_auroc`   of another run
    {result}`::denied_auroc`                      of the chapter that it stands in
                                                  with a dagger where its images may have
                                                  been trained on, and the source with n
    {parameter}`10_retrieval::n_images`           what the notebook was asked to do
    {chapter}`10_retrieval`                       a link to the chapter, with its title

In a chapter, its own run is meant; on a page, the run shown. What is not there is a
warning, which stops the build; but a chapter of the contents that a run did not ask for is
named without a link.
"""

from pathlib import Path

from docutils import nodes
from pydantic import ValidationError
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from negcxr.book.numbers import FORMS, explained, parse_reference, scalar
from negcxr.book.site import Site
from negcxr.book.toc import chapters
from negcxr.errors import InputError
from negcxr.exposures import footnote, mark_of
from negcxr.results import Result, read_result

logger = logging.getLogger(__name__)
FAULTS = (InputError, ValidationError, OSError)
Roled = tuple[list[nodes.Node], list[nodes.system_message]]


class FromRun(SphinxRole):
    """What the roles share: the site, the run that is meant, and a result of it."""

    @property
    def site(self) -> Site:
        """The project whose book folder is being built."""
        return Site(Path(self.env.srcdir).parent)

    def chapter(self) -> tuple[str, str] | None:
        """The run and notebook that this page is of, if it is a chapter."""
        match self.env.docname.split("/"):
            case ["executed", run, notebook]:
                return run, notebook
        return None

    def run_meant(self) -> str:
        """The run of this chapter, or the one that the book shows."""
        if chapter := self.chapter():
            return chapter[0]
        self.env.note_dependency(str(self.site.generated / "book.json"))
        return self.site.shown_run()

    def result(self, run: str, notebook: str) -> Result:
        """A result; the page is built again when it changes.

        Raises:
            InputError: No notebook is named, and this page is no chapter.
        """
        if not notebook:
            chapter = self.chapter()
            if chapter is None:
                raise InputError(f"{self.text}: only a chapter has numbers of its own")
            run, notebook = chapter
        path = self.site.result_path(run or self.run_meant(), notebook)
        self.env.note_dependency(str(path))
        return read_result(path)

    def missing(self, error: Exception) -> Roled:
        """Say that a number is missing, which under ``-W`` stops the build."""
        logger.warning("%s: %s", self.name, error, location=self.get_location())
        return [nodes.problematic(self.rawtext, self.rawtext)], []


class ResultRole(FromRun):
    """A number of a result, with n, prevalence and chance on hovering."""

    def run(self) -> Roled:
        """Look the number up and form it."""
        try:
            wanted = parse_reference(self.text)
            result = self.result(wanted.run, wanted.notebook)
            known = scalar(result, wanted.scalar)
            text = FORMS[wanted.form](known) + mark_of(result)
            told = "; ".join(part for part in (explained(known), footnote(result)) if part)
        except FAULTS as error:
            return self.missing(error)
        node = nodes.abbreviation(text, text, explanation=told)
        node["classes"].append("result")
        return [node], []


class ParameterRole(FromRun):
    """What a notebook was asked to do."""

    def run(self) -> Roled:
        """Look the parameter up."""
        try:
            wanted = parse_reference(self.text)
            parameters = self.result(wanted.run, wanted.notebook).parameters
            text = str(parameters[wanted.scalar])
        except KeyError:
            return self.missing(InputError(f"{self.text}: no such parameter"))
        except FAULTS as error:
            return self.missing(error)
        return [nodes.literal(text, text)], []


class ChapterRole(FromRun):
    """A link to a chapter of the run that is meant, or else of the run shown."""

    def run(self) -> Roled:
        """Leave the title to Sphinx, which knows it once all pages are read."""
        runs = dict.fromkeys((self.run_meant(), self.site.shown_run()))
        pages = [page for run in runs if (page := self.page(run)) in self.env.found_docs]
        if not pages:
            self.env.note_dependency(str(self.site.generated / "_toc.yml"))
            if self.text in chapters(self.site):
                return [nodes.literal(self.text, self.text)], []
        link = addnodes.pending_xref(
            self.rawtext,
            nodes.inline(self.text, self.text),
            refdoc=self.env.docname,
            refdomain="std",
            reftype="doc",
            refexplicit=False,
            reftarget=f"/{[*pages, self.page(self.run_meant())][0]}",
        )
        link.source, link.line = self.get_source_info()
        return [link], []

    def page(self, run: str) -> str:
        """Where the chapter would stand in a run."""
        return f"executed/{run}/{self.text}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the roles."""
    app.add_role("result", ResultRole())
    app.add_role("parameter", ParameterRole())
    app.add_role("chapter", ChapterRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
