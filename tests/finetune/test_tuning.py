"""One training from within: rows, losses and what reads them, beside the plain way."""

import numpy as np
import pytest
import torch
from tests.finetune.worlds import tiny_method

from negcxr.finetune.objectives import OBJECTIVES, Rows
from negcxr.finetune.sources import gather
from negcxr.finetune.tuning import Tuning
from negcxr.models import load_encoder

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tuning_world")]

every_family = pytest.mark.parametrize("family", ["clip", "siglip"])
EVERYTHING = dict.fromkeys(OBJECTIVES, 1.0)


@pytest.fixture
def run(bases, films, family, tmp_path):
    """Begins a training of a family; keywords change the method."""

    def begin(**changes):
        encoder, method = load_encoder(str(bases[family])), tiny_method(**changes)
        sources = gather(encoder, films, method)
        return Tuning(method, encoder, sources, at=tmp_path, seed=0)

    return begin


def plainly(run, batch):
    """The rows of a batch, every text and every image encoded alone."""
    n, encoder = len(batch.images), run.encoder
    texts = [encoder.encode_texts([said.text])[0] for said in batch.statements]
    everyone = [*batch.images, *batch.distractors]
    opened = [run.sources.images.open(int(place)) for place in everyone]
    images = np.concatenate([encoder.encode_images([image]) for image in opened])
    texts, images = (torch.tensor(np.array(rows)) for rows in (texts, images))
    labels = run.sources.pool.judged.relevance[everyone]
    return Rows(
        images=images[:n],
        texts=texts[:n],
        scale=torch.tensor(encoder.scale),
        bias=run.bias.detach(),
        opposed=texts[n:],
        distractors=images[n:],
        true=torch.tensor(batch.true, dtype=torch.float32),
        options=torch.tensor(batch.options),
        candidates=torch.tensor(batch.candidates),
        labels=torch.tensor(labels, dtype=torch.float32),
        targets=run.sources.targets.of(batch.statements),
    )


@every_family
@pytest.mark.parametrize("tune", ["text", "lora", "both"])
def test_a_loss_is_that_of_every_text_and_image_encoded_alone(run, family, tune):
    begun = run(terms=EVERYTHING, tune=tune)
    batch = begun.batch(0)
    loss = begun.loss(batch).item()
    rows = plainly(begun, batch)
    expected = sum(objective(rows).item() for objective in OBJECTIVES.values())
    assert loss == pytest.approx(expected, abs=1e-5 * len(OBJECTIVES))


@every_family
@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_objective_of_a_batch_is_that_of_rows_made_plainly(run, family, name):
    begun = run(terms={"mirror": 0.0, name: 2.0})
    batch = begun.batch(1)
    loss = begun.loss(batch).item()
    expected = 2 * OBJECTIVES[name](plainly(begun, batch)).item()
    assert loss == pytest.approx(expected, abs=2e-5)


@every_family
def test_each_distinct_sentence_is_read_once_with_the_padding_that_counts(
    run, family, monkeypatch
):
    begun = run(terms={"con1": 1.0}, batch=16)
    batch = begun.batch(0)
    texts = [said.text for said in batch.statements]
    texts += texts[:5]
    read, forward = [], begun.encoder.model.get_text_features

    def spied(*, input_ids):
        read.extend([row.tolist() for row in input_ids])
        return forward(input_ids=input_ids)

    monkeypatch.setattr(begun.encoder.model, "get_text_features", spied)
    rows = begun.towers.texts(texts)
    distinct = list(dict.fromkeys(texts))
    assert len(read) == len(distinct) < len(texts)
    assert torch.equal(rows[-5:], rows[:5])
    lengths = {len(ids) for ids in begun.encoder.token_rows(distinct)}
    if family == "siglip":
        assert {len(ids) for ids in read} == lengths == {begun.encoder.text_length}
    else:
        assert max(len(ids) for ids in read) == max(lengths) < begun.encoder.text_length
        ends = [begun.encoder.pooled(ids) + 1 for ids in read]
        assert sorted(ends) == sorted(map(len, begun.encoder.token_rows(distinct)))


@every_family
def test_rows_do_not_depend_on_the_other_texts_nor_on_their_order(run, family):
    begun = run()
    texts = [said.text for said in begun.batch(0).statements]
    with torch.no_grad():
        rows = begun.towers.texts(texts)
        turned = begun.towers.texts(texts[::-1])
        alone = torch.cat([begun.towers.texts([text]) for text in texts])
    np.testing.assert_allclose(turned.flip(0), rows, atol=1e-6)
    np.testing.assert_allclose(alone, rows, atol=1e-6)
    np.testing.assert_allclose(rows, begun.encoder.encode_texts(texts), atol=1e-6)


@every_family
@pytest.mark.parametrize(("tune", "times"), [("text", 0), ("lora", 0), ("both", 1)])
def test_images_are_opened_only_where_their_tower_moves(
    run, family, tune, times, monkeypatch
):
    begun, opened = run(tune=tune), []
    images = type(begun.sources.images)
    plain = images.open

    def spied(self, row):
        opened.append(row)
        return plain(self, row)

    monkeypatch.setattr(images, "open", spied)
    batch = begun.batch(0)
    begun.take_step(batch)
    assert opened == [*batch.images, *batch.distractors] * times


@every_family
def test_gradients_reach_what_is_trained_and_nothing_else(run, family):
    for tune in ("text", "lora", "both"):
        begun = run(tune=tune, terms={"sigmoid": 1.0})
        begun.loss(begun.batch(0)).backward()
        touched = {
            name
            for name, parameter in begun.encoder.model.named_parameters()
            if parameter.grad is not None and parameter.grad.abs().sum() > 0
        } - {"logit_scale", "logit_bias"}
        assert touched
        assert touched <= begun.tuned.keys()
        assert begun.bias.grad is not None
        if tune == "both":
            assert {name.split("_")[0] for name in touched} >= {"text", "vision"}


@every_family
def test_half_precision_is_of_the_forward_pass_alone(bases, films, family, tmp_path):
    method, encoder = tiny_method(), load_encoder(str(bases[family]))
    sources = gather(encoder, films, method)
    losses = {}
    for dtype in ("float32", "bfloat16"):
        run = Tuning(method, encoder, sources, at=tmp_path, seed=0, dtype=dtype)
        losses[dtype] = run.loss(run.batch(0))
        assert losses[dtype].dtype == torch.float32
    assert {p.dtype for p in encoder.model.parameters()} == {torch.float32}
    assert losses["bfloat16"].item() != losses["float32"].item()
    assert losses["bfloat16"].item() == pytest.approx(losses["float32"].item(), rel=0.1)


@pytest.mark.parametrize("family", ["clip"])
def test_clips_bias_starts_where_pairs_are_undecided_on_average(run, family):
    begun = run(terms={"sigmoid": 1.0})
    begun.begin()
    with torch.no_grad():
        rows = begun.rows(begun.batch(0))
    images = torch.cat([rows.images, rows.distractors])
    texts = torch.cat([rows.texts, rows.opposed])
    logits = rows.scale * images @ texts.T + begun.bias.detach()
    assert logits.mean().item() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("family", ["siglip"])
def test_siglips_bias_starts_as_it_was_learnt(run, family):
    begun = run(terms={"sigmoid": 1.0})
    learnt = begun.encoder.bias
    begun.begin()
    assert begun.bias.item() == learnt


@every_family
def test_the_scale_stays_between_1_and_100(run, family):
    begun = run()
    begun.scale.data.fill_(50.0)
    begun.take_step(begun.batch(0))
    assert begun.encoder.scale == pytest.approx(100)
    begun.scale.data.fill_(-3.0)
    begun.take_step(begun.batch(1))
    assert begun.encoder.scale == pytest.approx(1)


@pytest.mark.parametrize("family", ["clip"])
def test_the_batch_of_a_step_is_that_of_its_seed_and_method(run, family):
    begun, near = run(), run(images="neighbours")
    np.testing.assert_array_equal(begun.batch(3).images, run().batch(3).images)
    assert begun.batch(3).images.tolist() != near.batch(3).images.tolist()
    assert begun.batch(3).images.tolist() != begun.batch(2).images.tolist()
