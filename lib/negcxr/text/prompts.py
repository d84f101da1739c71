"""Prompts, made from a set of templates and the words for each finding.

A prompt set is a YAML file, so that a wording is data: it can be counted, compared and
replaced without touching code. Its entries are templates with slots in braces, filled
for every finding of a data set; an entry that names its ``finding`` is a single prompt
in its own words. Every prompt has an identifier that stays as it is when others come
and go, such as ``pleural-effusion/denied/no``.

Nothing here is lower-cased, stripped of commas or otherwise cleaned: a cue that is
cleaned away is a denial that no encoder can hear.

Limits: phrases carry no article ("there is lung lesion"), as in terse reports, and only
the phrase of a finding is used, not its synonyms.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from negcxr.errors import InputError
from negcxr.paths import at_root
from negcxr.reading import first_fault, read_yaml
from negcxr.text.templates import Prompt, Template, fill
from negcxr.text.vocabulary import FOLDER, Words, known_findings, load_words

__all__ = ["Prompt", "load_prompt_set", "load_prompt_words", "prompt_sets"]

PROMPT_SETS = FOLDER / "prompt_sets"
KEYS = ("about", "findings", "prompts")


def prompt_sets() -> tuple[str, ...]:
    """Names of the prompt sets that come with the study."""
    return tuple(sorted(path.stem for path in PROMPT_SETS.glob("*.yml")))


def load_prompt_set(name_or_path: str, findings: Sequence[str]) -> list[Prompt]:
    """The prompts of a set for the findings of a data set.

    A single prompt for a finding that this data set does not label is left out, since
    there is nothing to measure it by.

    Args:
        name_or_path: A name of ``prompt_sets()``, or the path of an own YAML file, taken
            from the project's root if relative. Its keys are ``about``, one line;
            ``findings``, words that add to the built-in ones or replace single fields of
            theirs; and ``prompts``, all of its entries in full.

    Raises:
        InputError: The set is not known, or an entry is not as it must be; the message
            names the file and the entry.
    """
    path = _locate(name_or_path)
    content = read_yaml(path)
    if not isinstance(content, dict) or set(content) - set(KEYS):
        raise InputError(f"{path}: the keys of a prompt set are {', '.join(KEYS)}")
    own, entries = content.get("findings") or {}, content.get("prompts")
    if not isinstance(own, dict) or not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: findings is a mapping and prompts a list of entries")
    words = load_words(findings, own, source=str(path))
    templates = [_template(entry, n, path) for n, entry in enumerate(entries, start=1)]
    _refuse_unknown_findings(templates, {*findings, *own, *known_findings()}, path)
    prompts = [prompt for template in templates for prompt in fill(template, words)]
    _refuse_repeated(prompts, path)
    return prompts


def load_prompt_words(name_or_path: str, findings: Sequence[str]) -> dict[str, Words]:
    """The words of a set for each finding, its own over the built-in ones.

    Raises:
        InputError: As ``load_prompt_set``.
    """
    path = _locate(name_or_path)
    content = read_yaml(path)
    own = content.get("findings") if isinstance(content, dict) else None
    return load_words(findings, own or {}, source=str(path))


def _locate(name_or_path: str) -> Path:
    if name_or_path.endswith((".yml", ".yaml")) or "/" in name_or_path:
        return at_root(name_or_path)
    if name_or_path not in prompt_sets():
        known = ", ".join(prompt_sets())
        raise InputError(
            f"prompt set {name_or_path!r} is not known; choose one of: {known}, "
            "or the path of a .yml file"
        )
    return PROMPT_SETS / f"{name_or_path}.yml"


def _template(entry: Any, number: int, path: Path) -> Template:
    name = entry.get("id", "without id") if isinstance(entry, dict) else repr(entry)
    try:
        return Template.model_validate(entry)
    except ValidationError as error:
        place = f"{path}, prompts entry {number} ({name})"
        fields = ", ".join(Template.model_fields)
        raise InputError(f"{place}: {first_fault(error)}; fields: {fields}") from None


def _refuse_unknown_findings(
    templates: Iterable[Template], known: set[str], path: Path
) -> None:
    for number, template in enumerate(templates, start=1):
        for finding in (template.finding, template.other):
            if finding and finding not in known:
                raise InputError(
                    f"{path}, prompts entry {number} ({template.id}): finding {finding!r} "
                    f"is not known; known: {', '.join(sorted(known))}"
                )


def _refuse_repeated(prompts: Sequence[Prompt], path: Path) -> None:
    if not prompts:
        raise InputError(f"{path}: no prompt for any finding of this data set")
    name, count = Counter(prompt.id for prompt in prompts).most_common(1)[0]
    if count > 1:
        raise InputError(f"{path}: {count} prompts are {name}; give each entry its own id")
