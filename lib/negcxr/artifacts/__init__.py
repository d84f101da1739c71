"""Artifacts: finished runs that travel, with a crate that says what is in each file.

An artifact lies in ``artifacts/<name>/``: a folder for each run, and beside them
``ro-crate-metadata.json``, an RO-Crate with the size and SHA-256 of every file and with
all that made it. ``verify`` holds it to that, ``add`` brings one in, ``listing`` shows
those that are there; what packs one out of a live run is ``negcxr.packing``.

Limits: see `negcxr.artifacts.verify` for what a hash can tell and what not.
"""
