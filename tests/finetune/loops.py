"""Every objective once more, slowly: loops written from the equations, one pair at a time.

They are made of torch scalars, so that their gradients can be compared too.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import normalize

from negcxr.finetune.rows import Rows
from negcxr.finetune.sharing import TEMPERATURE

PAIRS, DIM, FINDINGS, OPTIONS = 4, 5, 3, 3


def random_rows(seed: int, *, pairs: int = PAIRS, unknown: float = 0.3) -> Rows:
    """Unit rows of double precision, with all that any objective asks for."""
    rng = torch.Generator().manual_seed(seed)

    def unit(n: int) -> Tensor:
        return normalize(torch.randn(n, DIM, generator=rng, dtype=torch.float64), dim=1)

    def answers(*shape: int) -> Tensor:
        drawn = torch.rand(*shape, generator=rng, dtype=torch.float64)
        told = (drawn < 0.4).to(torch.float64)
        blank = torch.rand(*shape, generator=rng) < unknown
        return told.masked_fill(blank, torch.nan)

    def places() -> Tensor:
        own = torch.arange(pairs)[:, None]
        others = torch.randint(2 * pairs, (pairs, OPTIONS - 1), generator=rng)
        return torch.cat([own, others], dim=1)

    true = answers(2 * pairs, 2 * pairs)
    own = torch.arange(pairs)
    true[own, own], true[own, own + pairs], true[own + pairs, own + pairs] = 1.0, 0.0, 1.0
    return Rows(
        images=unit(pairs),
        texts=unit(pairs),
        scale=torch.tensor(6.0, dtype=torch.float64),
        bias=torch.tensor(-2.0, dtype=torch.float64),
        opposed=unit(pairs),
        distractors=unit(pairs),
        true=true,
        options=places(),
        candidates=places(),
        labels=answers(2 * pairs, FINDINGS),
        targets=unit(2 * pairs),
    )


def cross_entropy(scores: list[Tensor], right: int) -> Tensor:
    """-log of the softmax of the right one."""
    return -torch.log(torch.exp(scores[right]) / sum(torch.exp(score) for score in scores))


def mean(values: list[Tensor]) -> Tensor:
    return sum(values) / len(values)


def scores(query: Tensor, keys: list[Tensor], scale: Tensor) -> list[Tensor]:
    return [scale * sum(q * k for q, k in zip(query, key, strict=True)) for key in keys]


def to_own(queries: Tensor, own: Tensor, others: Tensor | None, scale: Tensor) -> Tensor:
    """Query k finds key k among all keys."""
    keys = [*own, *([] if others is None else others)]
    return mean(
        [cross_entropy(scores(query, keys, scale), k) for k, query in enumerate(queries)]
    )


def con1(rows: Rows) -> Tensor:
    i_t = to_own(rows.images, rows.texts, None, rows.scale)
    return (i_t + to_own(rows.texts, rows.images, None, rows.scale)) / 2


def con2_images(rows: Rows) -> Tensor:
    return to_own(rows.images, rows.texts, rows.opposed, rows.scale)


def con2_texts(rows: Rows) -> Tensor:
    return to_own(rows.texts, rows.images, rows.distractors, rows.scale)


def con2_distractors(rows: Rows) -> Tensor:
    return to_own(rows.distractors, rows.opposed, rows.texts, rows.scale)


def con2(rows: Rows) -> Tensor:
    return mean([con2_images(rows), con2_texts(rows), con2_distractors(rows)])


def hard_captions(rows: Rows) -> Tensor:
    t_i = to_own(rows.texts, rows.images, None, rows.scale)
    return mean([con2_images(rows), t_i])


def con1_multi(rows: Rows) -> Tensor:
    true = rows.true[: len(rows.images), : len(rows.texts)].tolist()
    ways = (
        (rows.images, rows.texts, true),
        (rows.texts, rows.images, list(zip(*true, strict=True))),
    )
    return mean([_shared(*way, rows.scale) for way in ways])


def _shared(queries: Tensor, keys: Tensor, true: list, scale: Tensor) -> Tensor:
    losses = []
    for query, row in zip(queries, true, strict=True):
        known = [k for k, told in enumerate(row) if told == told]
        found = scores(query, [keys[k] for k in known], scale)
        right = [place for place, k in enumerate(known) if row[k] == 1]
        if right:
            losses.append(mean([cross_entropy(found, place) for place in right]))
    return mean(losses)


def soft(rows: Rows, temperature: float = TEMPERATURE) -> Tensor:
    n = len(rows.images)
    labels = rows.labels[:n].tolist()
    losses = []
    for queries, keys in ((rows.images, rows.texts), (rows.texts, rows.images)):
        for k in range(n):
            alike = {
                j: 1.0 if j == k else _agreement(labels[k], labels[j]) for j in range(n)
            }
            known = [j for j in alike if alike[j] == alike[j]]
            found = scores(queries[k], [keys[j] for j in known], rows.scale)
            weights = [math.exp(alike[j] / temperature) for j in known]
            shares = [weight / sum(weights) for weight in weights]
            losses.append(
                sum(p * cross_entropy(found, place) for place, p in enumerate(shares))
            )
    return mean(losses)


def _agreement(one: list[float], other: list[float]) -> float:
    both = [(a, b) for a, b in zip(one, other, strict=True) if a == a and b == b]
    return sum(a == b for a, b in both) / len(both) if both else float("nan")


def choice(rows: Rows) -> Tensor:
    return _chosen(rows.images, [*rows.texts, *rows.opposed], rows.options, rows.scale)


def image_choice(rows: Rows) -> Tensor:
    keys = [*rows.images, *rows.distractors]
    return _chosen(rows.texts, keys, rows.candidates, rows.scale)


def _chosen(queries: Tensor, keys: list[Tensor], places: Tensor, scale: Tensor) -> Tensor:
    return mean(
        [
            cross_entropy(scores(query, [keys[place] for place in row], scale), 0)
            for query, row in zip(queries, places.tolist(), strict=True)
        ]
    )


def sigmoid(rows: Rows) -> Tensor:
    images = [*rows.images, *([] if rows.distractors is None else rows.distractors)]
    texts = [*rows.texts, *([] if rows.opposed is None else rows.opposed)]
    losses = []
    for image, row in zip(images, rows.true.tolist(), strict=True):
        for score, told in zip(scores(image, texts, rows.scale), row, strict=True):
            if told == told:
                z = 1 if told else -1
                losses.append(-torch.log(1 / (1 + torch.exp(-z * (score + rows.bias)))))
    return mean(losses)


def mirror(rows: Rows) -> Tensor:
    texts = [*rows.texts, *rows.opposed]
    pairs = zip(texts, rows.targets, strict=True)
    return mean([1 - (text * target).sum() for text, target in pairs])


LOOPS = {
    loop.__name__.replace("_", "-"): loop
    for loop in (
        *(con1, con1_multi, con2, con2_images, con2_texts, con2_distractors),
        *(hard_captions, choice, image_choice, sigmoid, soft, mirror),
    )
}
