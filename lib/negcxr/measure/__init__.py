"""Pure functions on arrays: scores in, measures and intervals out.

`ranking` one metric each · `gallery` prevalence and chance · `retrieval` a table of
queries, and draws · `choice` multiple choice · `polarity` prompt against denial ·
`ensembles` several prompts as one query · `resampling` patients drawn again ·
`intervals` intervals, paired differences, tests · `at_size` all of `retrieval` for more
images than fit into memory beside their scores.
"""
