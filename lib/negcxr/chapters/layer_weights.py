"""Layer weights of a checkpoint, traced on a data set and written to a file."""

from pathlib import Path

import numpy as np

from negcxr.chapters.galleries import Gallery, Sampling
from negcxr.chapters.sides import open_sides
from negcxr.chapters.tracing import INWARD, NOT_EVALUABLE, shared_pairs, trace_sides
from negcxr.errors import InputError
from negcxr.probe.layer_weights import weights_of, write_weights
from negcxr.text.pairs import load_pairs
from negcxr.text.vocabulary import load_words


def trace_layers(gallery: Gallery, out: Path, sampling: Sampling) -> list[float]:
    """Trace what each layer of a checkpoint writes, and write the weights made of it.

    Denied states are put into affirmed runs. The mean over pairs makes the weights;
    resamples only tell whether there is an effect to speak of.

    Args:
        out: The file; see `probe.layer_weights.write_weights`.

    Raises:
        InputError: The checkpoint is deaf, or the file is another's.
    """
    sides = open_sides(gallery, "", "")
    words = load_words(gallery.dataset.findings)
    pairs, _ = shared_pairs(sides, load_pairs(words))
    (traced,) = trace_sides(sides, pairs)
    effects = traced.draws("layers", sampling, INWARD)[:, 0]
    name = gallery.encoder.checkpoint.name
    if not np.isfinite(effects).all():
        raise InputError(f"{name}: {NOT_EVALUABLE}; allowed: a checkpoint that hears a cue")
    weights = weights_of(effects)
    data = f"{len(gallery.dataset)} {gallery.dataset.kind}"
    about = (
        f"Effects of what each layer of the text tower writes on the way from affirmed to "
        f"denied sentences, traced in {name} on {len(pairs)} pairs and {data}."
    )
    write_weights(out, weights, about=about, checkpoint=name)
    return weights
