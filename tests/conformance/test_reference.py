"""Rows of films and texts are those of a plain transformers call on the same folder.

The reference takes everything from the folder by transformers' own means: the processor,
the tokenizer and the model's class. Image processors are named by their PIL form, which is
what transformers itself takes where torchvision is not installed; the other form resizes by
other code. Where a folder's tokenizer does not do what its own config says (SigLIP 2: lower
case), the reference does it by hand, as it takes BERT's mean by hand.
"""

import numpy as np
import pytest
import torch
import transformers
from PIL import Image
from tests.checkpoints import BUILDERS
from tests.conformance.folders import takes_mean
from torch.nn.functional import normalize

from negcxr import paths
from negcxr.data.registry import load_dataset
from negcxr.embed import embed_images, embed_texts

pytestmark = pytest.mark.model
needs_films = pytest.mark.skipif(
    not (paths.films() / "Data_Entry_2017_v2020.csv").exists(),
    reason=f"no films in {paths.films()}; set NEGCXR_FILMS to their folder",
)
FORMS_ASKED = [
    *BUILDERS,
    *("clip-square", "clip-places", "clip-float16", "siglip-512", "siglip-places"),
    *("siglip2-bfloat16", "bert_dual-json", "bert_dual-mean", "bert_mean-first"),
]
TOLERANCE = 1e-4
N_FILMS = 12
PROCESSORS = {  # by what a folder calls it
    "CLIPImageProcessor": transformers.CLIPImageProcessorPil,
    "SiglipImageProcessor": transformers.SiglipImageProcessorPil,
    "ViTImageProcessor": transformers.ViTImageProcessorPil,
}
MODELS = {
    "clip": transformers.CLIPModel,
    "siglip": transformers.SiglipModel,
    "vision-text-dual-encoder": transformers.VisionTextDualEncoderModel,
}
TEXTS = [
    "pleural effusion",
    "no pleural effusion",
    "No Pleural Effusion, edema or pneumonia.",
    "Without edema, left effusion not seen; NO pneumonia",
    "",
    "no evidence of pleural effusion, pneumonia, edema, left or right, " * 12,
]


class Films:
    """Some films, the last of which are cut to other proportions."""

    def __init__(self):
        dataset = load_dataset("nih", root=str(paths.films()), n_images=N_FILMS, seed=0)
        self.opened = [dataset.images.open(row) for row in range(N_FILMS)]
        self.opened[-2] = self.opened[-2].crop((0, 40, 256, 200))  # wide
        self.opened[-1] = self.opened[-1].crop((30, 0, 181, 256))  # tall
        self.images = self

    def __len__(self):
        return N_FILMS

    def open(self, row):
        return self.opened[row]

    def key(self, row):
        return f"film {row}"


@pytest.fixture(scope="module")
def films():
    return Films()


class Reference:
    """One folder, by transformers' own ways alone, one image or text at a time."""

    def __init__(self, folder, form):
        config = transformers.AutoConfig.from_pretrained(folder)
        kind = MODELS[config.model_type]
        self.form, self.family = form, config.model_type
        self.model = kind.from_pretrained(folder, dtype=torch.float32).eval()
        named = transformers.image_processing_base.ImageProcessingMixin
        settings, _ = named.get_image_processor_dict(folder)
        self.processor = PROCESSORS[settings["image_processor_type"]].from_pretrained(
            folder
        )
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.length = config.text_config.max_position_embeddings

    def image(self, image, processor=None):
        pixels = (processor or self.processor)(images=image, return_tensors="pt")
        return self._row(self.model.get_image_features(pixel_values=pixels["pixel_values"]))

    def text(self, text):
        how = {"truncation": True, "max_length": self.length, "return_tensors": "pt"}
        if self.family == "siglip":
            said = text.lower() if self.form.startswith("siglip2") else text
            ids = self.tokenizer(said, padding="max_length", **how)["input_ids"]
            return self._row(self.model.get_text_features(input_ids=ids))
        inputs = self.tokenizer(text, padding="max_length", **how)
        if not takes_mean(self.form):
            return self._row(self.model.get_text_features(**inputs))
        states = self.model.text_model(**inputs).last_hidden_state[0]
        mean = states[inputs["attention_mask"][0].bool()].mean(dim=0)
        return self._row(self.model.text_projection(mean)[None])

    def _row(self, features):
        features = getattr(features, "pooler_output", features)
        return normalize(features, dim=-1)[0].detach().numpy()


@pytest.fixture(scope="module")
def reference(folder):
    made = {}

    def get(form):
        if form not in made:
            made[form] = Reference(folder(form), form)
        return made[form]

    return get


@pytest.mark.films
@needs_films
@pytest.mark.parametrize("form", FORMS_ASKED)
def test_rows_of_films_are_those_of_plain_transformers(encoder, reference, films, form):
    expected = np.stack([reference(form).image(rgb(film)) for film in films.opened])
    rows = embed_images(encoder(form), films), encoder(form).encode_images(films.opened)
    for own in rows:
        np.testing.assert_allclose(own, expected, atol=TOLERANCE)


@pytest.mark.parametrize("form", FORMS_ASKED)
def test_rows_of_texts_are_those_of_plain_transformers(encoder, reference, form):
    expected = np.stack([reference(form).text(text) for text in TEXTS])
    rows = embed_texts(encoder(form), TEXTS), encoder(form).encode_texts(TEXTS)
    for own in rows:
        np.testing.assert_allclose(own, expected, atol=TOLERANCE)
    assert encoder(form).truncated(TEXTS).tolist() == [False] * 5 + [True]


def rgb(image):
    return image.convert("RGB")


def swapped(image):
    """Blue and red in each other's place, of a picture that has colours."""
    return Image.fromarray(np.asarray(rgb(image))[..., ::-1].copy())


def tinted(image):
    return Image.merge(
        "RGB", [image, image.point(lambda v: v // 2), image.point([9] * 256)]
    )


CUT = [form for form in FORMS_ASKED if form in ("clip", "legacy_clip", "bert_mean")]


@pytest.mark.films
@needs_films
@pytest.mark.parametrize("form", BUILDERS)
def test_control_swapped_colours_would_be_seen(encoder, reference, films, form):
    film = tinted(films.opened[0])
    (own,) = encoder(form).encode_images([film])
    assert np.abs(own - reference(form).image(film)).max() < TOLERANCE
    assert np.abs(own - reference(form).image(swapped(film))).max() > 10 * TOLERANCE


@pytest.mark.films
@needs_films
@pytest.mark.parametrize("form", CUT)
def test_control_a_crop_left_out_would_be_seen(encoder, reference, films, form):
    kept = reference(form).processor.to_dict() | {"do_center_crop": False}
    kept["size"] = kept["crop_size"]
    pressed = type(reference(form).processor).from_dict(kept)
    (own,) = encoder(form).encode_images(films.opened[-2:-1])
    off = own - reference(form).image(rgb(films.opened[-2]), pressed)
    assert np.abs(off).max() > 10 * TOLERANCE


@pytest.mark.parametrize("form", BUILDERS)
def test_control_a_denial_left_out_would_be_seen(encoder, reference, form):
    (own,) = encoder(form).encode_texts(["no pleural effusion"])
    off = own - reference(form).text("pleural effusion")
    assert np.abs(off).max() > 10 * TOLERANCE
