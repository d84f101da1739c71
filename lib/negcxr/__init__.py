"""Negation in CLIP models for chest X-rays: the library that every notebook stands on."""

import sys

__version__ = "0.1.0"

# A check of addresses that jsonschema takes up where it is installed: two seconds of every
# process that draws a chart or reads a notebook, and neither altair nor nbformat uses it.
sys.modules.setdefault("rfc3987_syntax", None)
