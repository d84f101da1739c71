"""A folder of the hub's client, laid out as the client lays it out, for tests."""

import hashlib
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"


def keep(home: Path, name: str, source: Path, commit: str = COMMIT) -> Path:
    """Keep a checkpoint's folder below ``home`` as the newest that was fetched.

    Files lie as blobs named by their hash, and a snapshot links to them.

    Returns:
        The snapshot's folder.
    """
    model = home / "hub" / f"models--{name.replace('/', '--')}"
    folder = model / "snapshots" / commit
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        content = path.read_bytes()
        blob = model / "blobs" / hashlib.sha256(content).hexdigest()
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        link = folder / path.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(
            Path(*[".."] * (len(link.relative_to(model).parts) - 1))
            / blob.relative_to(model)
        )
    (model / "refs").mkdir(exist_ok=True)
    (model / "refs" / "main").write_text(commit)
    return folder
