"""What a crate says of an artifact: who made which file of what, on which machine.

An RO-Crate is a JSON-LD file that a person and a machine can both read. Each job is an
action of the Process Run Crate profile: the program, the checkpoint, data and parameters
that went in, the surroundings, the files that came out. All of it is taken from the
results, so the same files always give the same crate, and a crate that says otherwise
than its files is found out.

Limits: who ran a job is not said, and no machine is named but by its processor and GPU.

Reference:
    RO-Crate 1.1, https://w3id.org/ro/crate/1.1; Process Run Crate 0.5,
    https://w3id.org/ro/wfrun/process/0.5.
"""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any, NamedTuple

from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

from negcxr.artifacts.contents import Results
from negcxr.artifacts.credit import SPDX, Credit
from negcxr.artifacts.folder import Listed
from negcxr.artifacts.form import VERSION, Kind
from negcxr.artifacts.noted import Noted, surroundings
from negcxr.results import Result
from negcxr.schema import SCHEMA_VERSION

PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
TERMS = {  # which the context of RO-Crate 1.1 lacks
    "sha256": "http://schema.org/sha256",
    "environment": "https://w3id.org/ro/terms/workflow-run#environment",
}
FORMATS = {
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".ipynb": "application/x-ipynb+json",
    ".md": "text/markdown",
    ".txt": "text/plain",
}
PACKED, LATER = "packed", "sealed later"
MEANS = {
    PACKED: "Packed from the folder in which its runs had been computed.",
    LATER: (
        "Sealed on the day of publication, later than its runs were computed; of the time "
        "between, its hashes say nothing."
    ),
}


class Seal(NamedTuple):
    """What a crate says beside what its files say.

    Attributes:
        name: The artifact's.
        status: ``packed``, or ``sealed later`` than its runs were computed.
        date: The day of either, YYYY-MM-DD; for results that were packed, the day on
            which the last job ended, so that the same run is always packed the same.
    """

    name: str
    status: str
    date: str


def graph(
    seal: Seal,
    credit: Credit,
    files: Mapping[str, Listed],
    results: Results,
    *,
    kind: Kind,
) -> dict[str, Any]:
    """The crate of an artifact as JSON-LD, without its digest."""
    crate = ROCrate(version="1.1")
    crate.metadata.extra_terms = TERMS
    _root(crate, seal, credit, kind)
    for path, listed in files.items():
        crate.add_file(dest_path=path, properties=_file(path, listed))
    noted = Noted(crate)
    for run, jobs in results.items():
        for job, result in jobs.items():
            _action(crate, noted, result, _made(files, run, result, job))
    said = crate.metadata.generate()
    first = {"ro-crate-metadata.json": "", "./": " "}
    said["@graph"].sort(key=lambda entity: first.get(entity["@id"], entity["@id"]))
    for entity in said["@graph"]:
        for name in ("hasPart", "mentions"):
            if isinstance(entity.get(name), list):
                entity[name].sort(key=lambda one: one["@id"])
    return said


def ended(results: Results) -> str:
    """The day on which the last job of an artifact ended, in UTC."""
    every = [result for jobs in results.values() for result in jobs.values()]
    return max(_times(result)[1] for result in every)[:10]


def _root(crate: ROCrate, seal: Seal, credit: Credit, kind: Kind) -> None:
    def add(identifier: str, **said: Any) -> ContextEntity:
        said = {"@type": said.pop("kind"), **said}
        return crate.add(ContextEntity(crate, identifier, said))

    author = add("#author", kind="Organization", name=credit.author)
    study = add(
        "#study",
        kind="CreativeWork",
        name=credit.study,
        version=credit.version,
        author=author,
    )
    paper = add(credit.paper, kind="ScholarlyArticle", name=credit.paper_title)
    profile = add(PROFILE, kind="CreativeWork", name="Process Run Crate", version="0.5")
    licence = add(SPDX + credit.licence, kind="CreativeWork", name=credit.licence)
    root = crate.root_dataset
    root["name"] = seal.name
    root["datePublished"] = seal.date
    root["creativeWorkStatus"] = seal.status
    root["description"] = f"Finished runs of a study, kept. {MEANS[seal.status]}"
    root["schemaVersion"] = f"{kind.name}/{VERSION} negcxr-result/{SCHEMA_VERSION}"
    root["license"], root["author"] = licence, author
    root["conformsTo"], root["citation"] = profile, [study, paper]
    root["identifier"] = ""


def _file(path: str, listed: Listed) -> dict[str, str]:
    suffix = "." + path.rpartition(".")[2]
    return {
        "contentSize": str(listed.size),
        "sha256": listed.sha256,
        "encodingFormat": FORMATS.get(suffix, "application/octet-stream"),
    }


def _made(files: Mapping[str, Listed], run: str, result: Result, job: str) -> list[str]:
    names = [f"{job}.json", f"{job}.ipynb", *result.tables.values()]
    return sorted(path for name in names if (path := f"{run}/{name}") in files)


def _action(crate: ROCrate, noted: Noted, result: Result, made: list[str]) -> None:
    before = [*noted.inputs(result), *(noted.value(*p) for p in _sorted(result))]
    action = ContextEntity(
        crate,
        f"#{result.run}/{result.notebook}",
        {
            "@type": "CreateAction",
            "name": f"{result.notebook} in the run {result.run}",
            **dict(zip(("startTime", "endTime"), _times(result), strict=True)),
        },
    )
    crate.add(action)
    action["instrument"] = noted.program(result.provenance.package)
    action["object"] = before
    action["environment"] = [noted.value(*pair) for pair in surroundings(result)]
    action["result"] = [crate.dereference(path) for path in made]
    crate.root_dataset.append_to("mentions", action)


def _sorted(result: Result) -> list[tuple[str, Any]]:
    return sorted(result.parameters.items())


def _times(result: Result) -> tuple[str, str]:
    start = result.provenance.started.astimezone(UTC)
    end = start + timedelta(seconds=result.provenance.seconds)
    return start.isoformat(), end.isoformat()
