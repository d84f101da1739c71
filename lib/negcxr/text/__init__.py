"""Prompts, cues and multiple choice items."""
