"""Negation in CLIP models for chest X-rays: the library that every notebook stands on."""

__version__ = "0.1.0"
