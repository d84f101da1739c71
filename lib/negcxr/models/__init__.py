"""Checkpoints and the one interface through which every notebook sees them."""
