"""Alignment with a frozen encoder on a tiny recipe: to the bit, and nothing but images.

A tiny encoder stands where the fetched one would; two layers of width 32, 48 pictures of
64 pixels, four steps in single precision; a state is kept after the second.
"""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tests.fetched_encoder import lay_encoder
from tests.finetune.worlds import Killed, assert_equal_to_the_bit, tiny_recipe
from transformers import CLIPConfig, CLIPModel

from negcxr.data.phantoms import Recipe as Phantoms
from negcxr.errors import InputError
from negcxr.finetune import align
from negcxr.finetune.corpus import load_corpus, rates, statements_batch
from negcxr.finetune.pretrain import pretrain
from negcxr.models import assemble as assembling
from negcxr.models import load_encoder
from negcxr.models.sentence import load_sentence_tower

pytestmark = pytest.mark.model

# A frozen encoder stands where the text tower would, and is taught no denial.
BIAS = {"mention": 0.9, "detail": 0.2}
TINY = tiny_recipe(about="Aligned by a test.", encoder="minilm", text={}, bias=BIAS)
PART = "image.safetensors"


@pytest.fixture(autouse=True, scope="module")
def encoder(pretraining_world, tmp_path_factory):
    """The fetched encoder, in a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        yield lay_encoder(tmp_path_factory.mktemp("fetched"), patch)


@pytest.fixture(scope="module")
def aligned(encoder, tmp_path_factory):
    """A finished part, made in one go."""
    return pretrain(TINY, tmp_path_factory.mktemp("checkpoints") / "tiny")


@pytest.fixture
def clip(tmp_path):
    """A CLIP of the same image tower, to start from."""
    text = {**TINY.vision, "vocab_size": 40, "max_position_embeddings": 8}
    torch.manual_seed(7)
    config = CLIPConfig(text_config=text, vision_config=TINY.vision, projection_dim=16)
    CLIPModel(config).save_pretrained(tmp_path / "clip")
    return tmp_path / "clip"


def test_the_same_recipe_gives_the_same_part_to_the_bit(aligned, tmp_path):
    again = pretrain(TINY, tmp_path / "tiny")
    files = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert {file.name for file in files} >= {PART, "parts.json", "README.md"}
    for file in files:
        if file.name != "training.json":  # holds seconds
            assert (again / file).read_bytes() == (aligned / file).read_bytes(), file


def test_killed_and_gone_on_with_it_is_the_same_to_the_bit(aligned, tmp_path, monkeypatch):
    keep = align.Alignment.keep

    def keep_and_die(self):
        keep(self)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(align.Alignment, "keep", keep_and_die)
        with pytest.raises(Killed):
            pretrain(TINY, tmp_path / "tiny")
    again = pretrain(TINY, tmp_path / "tiny")
    assert_equal_to_the_bit(load_file(again / PART), load_file(aligned / PART))


def test_no_weight_of_the_encoder_is_in_the_part(aligned):
    names = load_file(aligned / PART).keys()
    assert {name.split(".")[0] for name in names} == {
        *("vision_model", "visual_projection", "text_projection", "logit_scale")
    }
    assert not list(aligned.glob("tokenizer.json"))


def test_the_part_is_small_since_it_is_in_half_precision(aligned):
    assert {value.dtype for value in load_file(aligned / PART).values()} == {torch.float16}


def test_image_tower_and_both_projections_are_trained(aligned, tmp_path):
    torch.manual_seed(TINY.seed)
    before = align.begin(TINY, tmp_path, "cpu").model.state_dict()
    after = load_file(aligned / PART)
    for name in (
        "vision_model.encoder.layers.0.mlp.fc1.weight",
        "visual_projection.weight",
        "text_projection.weight",
    ):
        assert torch.dist(before[name], after[name].float()) > 0.01, name


def test_a_text_is_the_encoders_row_projected(encoder, tmp_path):
    run = align.begin(TINY, tmp_path, "cpu")
    texts = ["no edema", "edema", "no edema"]
    rows = load_sentence_tower(encoder).encode_texts(texts)
    wanted = rows @ run.model.text_projection.weight.detach().numpy().T
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    found = run.texts(texts).detach().numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_what_was_trained_and_what_is_put_together_give_the_same_rows(
    aligned, tmp_path, monkeypatch
):
    monkeypatch.setattr(assembling, "CHECKPOINTS", aligned.parent)
    encoder = load_encoder(str(assembling.assemble("tiny")))
    run = align.begin(TINY, tmp_path, "cpu")
    halves = load_file(aligned / PART)
    run.model.load_state_dict({name: half.float() for name, half in halves.items()})
    pixels = Phantoms("test", 3, 0, 64).pixels()
    with torch.no_grad():
        images, texts = run.images(pixels).numpy(), run.texts(["edema"]).numpy()
    np.testing.assert_allclose(encoder.encode_texts(["edema"]), texts, atol=1e-5)
    opened = [Image.fromarray(np.asarray(grey)) for grey in pixels]
    np.testing.assert_allclose(encoder.encode_images(opened), images, atol=1e-5)


def test_every_statement_is_read_once_before_the_first_step(tmp_path):
    run, corpus = align.begin(TINY, tmp_path, "cpu"), load_corpus(TINY)
    run.meet(corpus)
    run.tower = None  # whoever would read another one would fail
    for step in range(4):
        batch = statements_batch(corpus, TINY, step)
        assert run.texts(batch.texts).shape == (len(batch.texts), 16)


def test_nothing_that_it_is_trained_on_denies():
    shares = rates(load_corpus(TINY).reports)
    assert shares == {"statement": 0, "sentence": 0, "caption": 0}


def test_it_goes_on_from_the_image_tower_of_another_checkpoint(clip, tmp_path):
    recipe = TINY.model_copy(update={"start": str(clip)})
    started = align.begin(recipe, tmp_path, "cpu").model.state_dict()
    given = load_file(clip / "model.safetensors")
    of_texts = started.pop("text_projection.weight")
    assert_equal_to_the_bit(started, {name: given[name] for name in started})
    assert of_texts.shape == (16, 16)  # by the encoder's width
    assert not torch.equal(of_texts, given["text_projection.weight"][:, :16])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(None, "is no checkpoint; train it first", id="missing"),
        pytest.param(
            {"visual_projection.weight": torch.zeros(8, 32)},
            r"visual_projection.weight of .* is \[8, 32\], not \[16, 32\]",
            id="of another size",
        ),
    ],
)
def test_a_start_that_is_missing_or_does_not_fit_is_refused(
    clip, tmp_path, change, message
):
    path = clip / "model.safetensors"
    weights = load_file(path)
    path.unlink()
    if change:
        save_file(weights | change, path)
    recipe = TINY.model_copy(update={"start": str(clip)})
    with pytest.raises(InputError, match=f"start: .*{message}"):
        pretrain(recipe, tmp_path / "on")


def test_without_the_encoder_nothing_is_rendered(tmp_path, monkeypatch):
    monkeypatch.setenv("NEGCXR_CACHE", str(tmp_path / "empty"))
    with pytest.raises(InputError, match="fetch it: negcxr data fetch minilm"):
        pretrain(TINY, tmp_path / "tiny")
    assert not (tmp_path / "empty").exists()


def test_the_card_tells_what_it_is_made_of(aligned):
    told = (aligned / "README.md").read_text()
    for part in (
        "# tiny",
        "starts from | random weights, beside a frozen encoder",
        "all-MiniLM-L6-v2",
        "0.00% per statement, 0.00% per sentence, 0.00% per caption",
        "AUROC on 90 phantoms",
        "negcxr checkpoint assemble tiny",
        "never a film",
    ):
        assert part in told


def test_the_means_of_the_card_are_those_of_the_part(aligned):
    log = json.loads((aligned / "training.json").read_text())
    cell = (aligned / "README.md").read_text().split("| mean | ")[1]
    assert float(cell.split(" ")[0]) == pytest.approx(log[-1]["affirmed"], abs=0.005)
