"""Where denial leads: directions that findings share, how many there are, and images.

Idea: a text may be moved by "no" along one direction for all findings, or along one of its
own for each. Both may rank images well; only the first is a notion of absence. And texts
that are moved must still lie where images are compared with them.

Limits: a direction is found on few wordings; with few findings, intervals are rough.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from negcxr.chapters.galleries import Sampling
from negcxr.chapters.methods import Draws
from negcxr.chapters.placed_texts import POLES, Texts, how
from negcxr.chapters.sides import Side
from negcxr.measure.clusters import (
    influence_draws,
    mean_draws,
    mean_row_draws,
    pair_draws,
)
from negcxr.measure.intervals import summarise
from negcxr.probe.directions import (
    Transfer,
    positions,
    transfer,
    transfer_to_other_wordings,
)
from negcxr.probe.subspace import (
    denial_differences,
    effective_rank,
    group_means,
    participation_ratio,
    told_from,
)


def transfers(texts: Texts, sampling: Sampling) -> dict[str, Draws]:
    """AUROC across findings, as draws: of any wording, and of wordings held out."""
    found = {"transfer": _transfer(texts), "transfer to other wordings": _held_out(texts)}
    return {
        name: pair_draws(one.auroc, np.array(one.groups), **how(sampling))
        for name, one in found.items()
    }


def transfer_table(texts: Texts) -> pd.DataFrame:
    """AUROC of each finding's direction on each finding: fitted on, asked of, auroc.

    With wordings held out where the prompts have enough of them.
    """
    poles = texts.of(POLES)
    found = _held_out(poles)
    found = found if np.isfinite(found.auroc).any() else _transfer(poles)
    return pd.DataFrame(
        {"fitted on": one, "asked of": other, "auroc": found.auroc[i, j]}
        for i, one in enumerate(found.groups)
        for j, other in enumerate(found.groups)
    )


def _transfer(texts: Texts) -> Transfer:
    return transfer(texts.rows, texts.affirmed, texts.column("finding"))


def _held_out(texts: Texts) -> Transfer:
    finding, wording = texts.column("finding"), texts.column("wording")
    return transfer_to_other_wordings(texts.rows, texts.affirmed, finding, wording)


def position_table(sides: Mapping[str, Texts], sampling: Sampling) -> pd.DataFrame:
    """Where texts of each polarity lie on the polarity direction of the other findings.

    Returns:
        side, polarity, value with its ends (1 affirmed, -1 denied), texts.
    """
    rows = []
    for side, texts in sides.items():
        finding, polarity = texts.column("finding"), texts.column("polarity")
        values = positions(texts.rows, finding, polarity)
        for name in dict.fromkeys(polarity.tolist()):
            here = polarity == name
            draws = mean_draws(
                values[here], np.ones(here.sum()), finding[here], **how(sampling)
            )
            found = {"side": side, "polarity": name, **summarise(draws)._asdict()}
            rows.append(found | {"texts": int(here.sum())})
    return pd.DataFrame(rows)


def ranks(texts: Texts, sampling: Sampling) -> dict[str, Draws]:
    """How many directions denial takes, as draws; over findings, wordings are averaged."""
    finding = texts.column("finding")
    vectors, used = denial_differences(texts.rows, texts.affirmed, finding)
    units = finding[used]
    asked = {
        "effective rank": lambda kept: effective_rank(vectors[kept]),
        "effective rank over findings": lambda kept: effective_rank(
            group_means(vectors[kept], units[kept])
        ),
        "participation ratio": lambda kept: participation_ratio(vectors[kept]),
    }
    if not len(units):
        return dict.fromkeys(asked, _nothing(sampling))
    found = {
        name: influence_draws(rank, units, **how(sampling)) for name, rank in asked.items()
    }
    # What a finding's influence says is linear, and may lead below the least rank.
    return {name: np.maximum(draws, min(draws[0], 1)) for name, draws in found.items()}


def gaps(side: Side, texts: Texts, sampling: Sampling) -> dict[str, Draws]:
    """Distance of texts and images, and how well a linear look tells them apart.

    The mean of few findings that were drawn again lies farther out than that of all, in
    every direction; so its draws are taken along the gap alone.

    Returns:
        ``modality gap`` and ``told apart``; NaN where they share no space.
    """
    if not len(side.rows) or side.rows.shape[1] != texts.rows.shape[1]:
        return dict.fromkeys(("modality gap", "told apart"), _nothing(sampling))
    units = texts.column("finding")
    means = mean_row_draws(texts.rows, units, **how(sampling))
    means = means - mean_row_draws(side.rows, side.patients, **how(sampling))
    apart = told_from(texts.rows, side.rows)
    return {
        "modality gap": means[:, 0] @ means / np.linalg.norm(means[:, 0]),
        "told apart": mean_draws(apart, np.ones(len(units)), units, **how(sampling)),
    }


def direction_grid(sides: Mapping[str, Texts], names: Sequence[str]) -> pd.DataFrame:
    """`transfer_table` of some sides, one below the other."""
    return pd.concat([transfer_table(sides[name]).assign(side=name) for name in names])


def _nothing(sampling: Sampling) -> Draws:
    return np.full(1 + sampling.n_resamples, np.nan)
