"""What the book was made of: runs, machines, versions, durations."""

import json
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pandas as pd

from negcxr.artifacts.form import CRATE
from negcxr.artifacts.graph import LATER, PACKED
from negcxr.artifacts.verify import verify_kept
from negcxr.book.notebooks import last_part
from negcxr.book.site import Site
from negcxr.exposures import sentence, word_of
from negcxr.figures import small_table
from negcxr.provenance import Provenance
from negcxr.results import Result

SHORT = 12  # characters of a fingerprint that are shown


def made_of(site: Site, run: str) -> str:
    """Checkpoint, data and policy of a run, in a sentence."""
    result = _any(site, run)
    if result is None:
        return f"The run `{run}` has no result."
    made = result.provenance
    parts = [f"The run `{run}`"]
    if made.checkpoint:
        parts.append(f"measures the checkpoint `{made.checkpoint.name}`")
    if made.dataset:
        data = made.dataset
        parts.append(
            f"on {data.n_images} images of {data.n_patients} patients "
            f"from `{data.name}` ({data.kind})"
        )
    if made.policy:
        parts.append(f"under the policy `{made.policy}`")
    seen = sentence(result)
    return " ".join(parts) + "." + (f" {seen}" if seen else "")


def kept_of(site: Site, run: str) -> str:
    """Where a kept run lies, on what and when it was computed, and what guards it."""
    folder = site.kept()[run].relative_to(site.root)
    made = [result.provenance for result in site.results(run).values()]
    days = sorted({f"{one.started:%Y-%m-%d}" for one in made})
    when = " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "a day not recorded"
    devices = ", ".join(sorted({one.device for one in made})) or "a device not recorded"
    return (
        f"It is a kept artifact, `{folder}`, and is not computed again when the book is "
        f"built. It was computed on {when}, on {devices}. {_guarded(folder.parent, site)}"
    )


def _guarded(artifact: Path, site: Site) -> str:
    """What is known of whether an artifact is as it was, in a sentence or two."""
    folder = site.root / artifact
    if not (folder / CRATE).exists():
        return "It has no crate, so nothing tells whether its files changed since."
    crate = verify_kept(folder)
    when = {PACKED: "when it was packed", LATER: f"when it was sealed, {crate.seal.date}"}
    return (
        f"Every byte is as it was {when[crate.seal.status]}; its digest is "
        f"`{crate.digest}`. See {{doc}}`/artifacts` for what that proves."
    )


def status(site: Site, run: str) -> str:
    """Build time, notebooks of the run shown, and the versions they ran on."""
    results = site.results(run)
    built = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    notebooks = small_table(
        pd.DataFrame([_notebook(site, run, result) for result in results.values()]),
        f"The notebooks of the run {run}",
    )
    made = _first(results).provenance
    versions = {"Python": made.python, "negcxr": made.package, **made.versions}
    table = pd.DataFrame({"package": versions.keys(), "version": versions.values()})
    shown = small_table(table, f"What the run {run} was computed with")
    return f"This book was built on {built}.\n\n{notebooks}\n\n{shown}\n"


def run_list(site: Site, shown: str) -> str:
    """Every run with its checkpoint, data, policy and code, beside the run shown."""
    rows = [
        {
            "run": run,
            **_origin(result.provenance),
            "seen by the model": word_of(result),
            "code": _code(site, run, shown),
        }
        for run in site.runs()
        if (result := _any(site, run))
    ]
    return f"{small_table(pd.DataFrame(rows), 'The runs in this book')}\n"


def citation(site: Site, run: str) -> str:
    """The run shown as a reference that somebody else can check."""
    results = site.results(run)
    made = _first(results).provenance
    lines = [
        "No Finding: how chest X-ray CLIP models hear \N{LEFT DOUBLE QUOTATION MARK}no"
        f"\N{RIGHT DOUBLE QUOTATION MARK}. Version {made.package}, {_commit(made)}.",
        f"Run {run} of {made.started:%Y-%m-%d}, seed {made.seed}.",
    ]
    if made.checkpoint:
        lines.append(f"Checkpoint {made.checkpoint.name}, {made.checkpoint.fingerprint}.")
    if made.dataset:
        lines.append(
            f"Data {made.dataset.name}, {made.dataset.n_images} images, policy "
            f"{made.policy}, {made.dataset.fingerprint}."
        )
    if seen := sentence(_first(results)):
        lines.append(seen.replace("`", ""))
    asked = json.dumps(_asked(results), indent=2, ensure_ascii=False)
    return "```text\n" + "\n".join(lines) + "\n```\n\n```json\n" + asked + "\n```\n"


def _asked(results: dict[str, Result]) -> dict[str, object]:
    """The parameters of all notebooks; where one differs, it stands under its own name."""
    asked: dict[str, object] = {}
    for notebook, result in results.items():
        for name, value in result.parameters.items():
            known = asked.setdefault(name, last_part(value))
            if known != last_part(value):
                asked[f"{notebook}: {name}"] = last_part(value)
    return asked


def _code(site: Site, run: str, shown: str) -> str:
    """The commits that a run's results were made by, marked where ``shown`` had others."""
    made, known = (
        {_commit(result.provenance) for result in site.results(name).values()}
        for name in (run, shown)
    )
    return ", ".join(sorted(made)) + ("" if made <= known else "; made by other code")


def _notebook(site: Site, run: str, result: Result) -> dict[str, object]:
    made = result.provenance
    return {
        "notebook": result.notebook,
        "seconds": f"{made.seconds:.1f}",
        "device": f"{made.device}, {made.dtype}, {made.threads} threads",
        "platform": made.platform,
        "code": _commit(made),
        "warnings": _warnings(site, run, result.notebook),
    }


def _origin(made: Provenance) -> dict[str, object]:
    weights, data = made.checkpoint, made.dataset
    return {
        "checkpoint": f"{weights.name} ({weights.family})" if weights else "none",
        "its fingerprint": weights.fingerprint[:SHORT] if weights else "",
        "data": f"{data.name} ({data.kind})" if data else "none",
        "images": data.n_images if data else 0,
        "patients": data.n_patients if data else 0,
        "policy": made.policy,
        "terms": data.terms if data else "",
    }


def _commit(made: Provenance) -> str:
    if not made.commit:
        return "commit unknown"
    return f"commit {made.commit[:SHORT]}" + (", changed since" if made.dirty else "")


def _warnings(site: Site, run: str, notebook: str) -> int:
    """How often a notebook was warned while it ran; its pages leave that out."""
    path = site.book / "executed" / run / f"{notebook}.ipynb"
    streams = [
        output["text"]
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]
    return sum(text.count("Warning") for text in streams)


def _any(site: Site, run: str) -> Result | None:
    return next(iter(site.results(run).values()), None)


def _first(results: dict[str, Result]) -> Result:
    return next(iter(results.values()))
