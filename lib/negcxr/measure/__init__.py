"""Pure functions on arrays: scores in, measures and intervals out."""
