"""What several jobs of a crate share: values, checkpoints, data, each written once.

A name is made of the hash of what it stands for, so it is the same in every crate, in
whatever order the jobs come.

Limits: what is empty or unknown is left out, so a field that a later version adds changes
no older crate.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

from negcxr.results import Result


def surroundings(result: Result) -> Iterator[tuple[str, Any]]:
    """What a job ran on and under, by name; what is not known is left out."""
    made = result.provenance
    said = {
        **{name: getattr(made, name) for name in ("device", "driver", "dtype", "threads")},
        **{"platform": made.platform, "python": made.python, "commit": made.commit},
        **{"changed since the commit": made.dirty, "label policy": made.policy},
        "seed": made.seed,
        **{
            f"version of {name}": version for name, version in sorted(made.versions.items())
        },
    }
    if seen := made.exposure:
        said |= {"images seen by the checkpoint": seen.state, "who says so": seen.source}
    yield from ((name, value) for name, value in said.items() if value not in (None, ""))


class Noted:
    """What several jobs share, written once, under a name that its content gives it."""

    def __init__(self, crate: ROCrate) -> None:
        self.crate = crate

    def inputs(self, result: Result) -> Iterator[ContextEntity]:
        """The checkpoint and the data set of a job, as far as it had them."""
        weights, data = result.provenance.checkpoint, result.provenance.dataset
        if weights:
            yield self._work("checkpoint", weights.name, weights.model_dump())
        if data:
            yield self._work("dataset", data.name, data.model_dump())

    def value(self, name: str, value: Any) -> ContextEntity:
        """A name and its value."""
        said = {"@type": "PropertyValue", "name": name, "value": value}
        return self._once("value", said)

    def _work(self, kind: str, name: str, facts: dict[str, Any]) -> ContextEntity:
        about = json.dumps({k: v for k, v in facts.items() if v != ""}, sort_keys=True)
        said = {"@type": "CreativeWork", "additionalType": kind, "name": name}
        return self._once(kind, {**said, "identifier": facts["fingerprint"], "text": about})

    def program(self, version: str) -> ContextEntity:
        """This library."""
        said = {"@type": "SoftwareApplication", "name": "negcxr", "version": version}
        return self._once("program", said)

    def _once(self, kind: str, said: dict[str, Any]) -> ContextEntity:
        mark = sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]
        known = self.crate.dereference(f"#{kind}-{mark}")
        return known or self.crate.add(ContextEntity(self.crate, f"#{kind}-{mark}", said))
