"""Checkpoints that are known by name, and what a run on them is estimated to cost."""

import pytest
import yaml

from negcxr.errors import InputError
from negcxr.models import catalogue
from negcxr.models.catalogue import entries, entry_of, read_catalogue
from negcxr.models.checkpoint import FAMILIES
from negcxr.models.cost import Tower, estimate, in_words
from negcxr.models.expected import DEFAULTS, differences

AIMI = [
    f"StanfordAIMI/{loss}__{design}"
    for loss in ("XraySigLIP", "XrayCLIP")
    for design in (
        *("vit-b-16-siglip-512__webli", "vit-l-16-siglip-384__webli"),
        *("vit-b-16__laion2b-s34b-b88k", "vit-l-14__laion2b-s32b-b82k"),
    )
]
OTHERS = [
    *("google/medsiglip-448", "flaviagiammarino/pubmed-clip-vit-base-patch32"),
    *("openai/clip-vit-base-patch32", "google/siglip2-base-patch16-224"),
]
BASE = "StanfordAIMI/XraySigLIP__vit-b-16-siglip-512__webli"


@pytest.mark.parametrize("name", AIMI + OTHERS)
def test_a_checkpoint_of_the_field_is_known(name):
    assert entry_of(name).id == name


def test_a_name_is_known_with_its_revision_and_as_a_folder():
    assert entry_of(f"{BASE}@{'a' * 40}") == entry_of(BASE)
    assert entry_of(BASE.partition("/")[2]) == entry_of(BASE)


@pytest.mark.parametrize("name", ["phantom-web", "other/medsiglip-448", "", "webli"])
def test_any_other_name_is_not(name):
    assert entry_of(name) is None


def test_the_first_word_of_a_name_is_not_its_family():
    families = {name: entry_of(name).family for name in AIMI}
    for name, family in families.items():
        assert family == ("siglip" if name.endswith("__webli") else "clip")


def test_every_family_is_one_that_is_read():
    assert {entry.family for entry in entries()} <= set(FAMILIES)


def test_every_fact_names_its_source():
    for entry in entries():
        facts = entry.model_dump(exclude={"id", "caveats", "sources"}, exclude_none=True)
        assert facts.keys() == entry.sources.keys(), entry.id


def test_ids_are_all_different():
    ids = [entry.id for entry in entries()]
    assert len(set(ids)) == len(ids)


def config(**changes):
    vision = {"image_size": 512, "num_hidden_layers": 12, "hidden_size": 768}
    return {"model_type": "siglip", "vision_config": vision, "text_config": {}} | changes


def test_a_config_as_expected_does_not_differ():
    assert differences(entry_of(BASE), config()) == []


def test_what_a_config_leaves_out_is_the_default_of_its_class():
    found = differences(entry_of(BASE), config(vision_config={}))
    assert found == ["image size is 224; expected 512"]


def test_each_difference_has_a_line():
    text = {"max_position_embeddings": 77, "num_hidden_layers": 24}
    assert differences(entry_of(BASE), config(text_config=text)) == [
        "text length is 77; expected 64",
        "layers of the text tower is 24; expected 12",
    ]


def test_heads_patch_and_vocabulary_are_held_against_the_entry_too():
    vision = {"image_size": 512, "num_attention_heads": 16, "patch_size": 14}
    text = {"num_attention_heads": 8, "vocab_size": 256000}
    given = config(vision_config=vision, text_config=text)
    assert differences(entry_of(BASE), given) == [
        "heads of the image tower is 16; expected 12",
        "heads of the text tower is 8; expected 12",
        "patch is 14; expected 16",
        "vocabulary is 256000; expected 32000",
    ]


@pytest.mark.parametrize("family", DEFAULTS)
def test_the_defaults_are_those_of_transformers(family):
    from transformers import CONFIG_MAPPING

    made = CONFIG_MAPPING[family]()
    for part, values in DEFAULTS[family].items():
        own = getattr(made, f"{part}_config")
        assert values == {key: getattr(own, key) for key in values}


def test_what_its_training_began_with_is_known_of_these():
    bases = {entry.id: entry.base for entry in entries() if entry.base}
    assert bases.pop("flaviagiammarino/pubmed-clip-vit-base-patch32") == (
        "openai/clip-vit-base-patch32"
    )
    assert sorted(bases) == sorted(AIMI)
    for name, base in bases.items():
        assert base.endswith("WebLI" if name.endswith("__webli") else "LAION-2B")


@pytest.mark.parametrize(
    ("name", "fact", "source"),
    [
        ("openai/clip-vit-base-patch32", "gated", "its page on huggingface.co"),
        (AIMI[0], "family", "the tags of its page on huggingface.co"),
        (AIMI[3], "family", "the tags of its page on huggingface.co"),
    ],
)
def test_a_source_can_hold_its_fact(name, fact, source):
    assert entry_of(name).sources[fact].startswith(source)


def test_a_folder_named_after_a_checkpoint_and_more_is_not_that_checkpoint():
    assert entry_of(f"{BASE.partition('/')[2]}@best") is None


def test_of_another_family_only_that_is_told():
    found = differences(entry_of(BASE), config(model_type="clip", vision_config={}))
    assert found == ["model_type is 'clip'; expected 'siglip'"]


def test_what_is_not_known_is_not_compared():
    entry = entry_of("StanfordAIMI/XrayCLIP__vit-l-14__laion2b-s32b-b82k")
    assert entry.image_size is None
    wide = {"num_hidden_layers": 24, "num_attention_heads": 16, "hidden_size": 1024}
    wide |= {"patch_size": 14}
    text = {"num_attention_heads": 12, "hidden_size": 768}
    for size in (224, 336, 512):
        given = {"vision_config": wide | {"image_size": size}, "text_config": text}
        assert differences(entry, {"model_type": "clip"} | given) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"family": "blip"}, "family"),
        ({"licence": None}, "licence"),
        ({"sources": {}}, "no source of "),
        ({"colour": "red"}, "colour"),
        ({"image_size": "large"}, "image_size"),
    ],
)
def test_a_damaged_entry_is_named(tmp_path, changes, said):
    values = yaml.safe_load(catalogue.FILE.read_text())
    values["checkpoints"][0] |= changes
    path = tmp_path / "catalogue.yml"
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(InputError, match=f"catalogue.yml: {BASE}: .*{said}"):
        read_catalogue(path)


def test_a_cost_is_two_operations_a_weight_and_token_and_attention():
    image, text = Tower(layers=2, width=10, tokens=7), Tower(1, 10, 3, table=50)
    assert image.weights == 12 * 2 * 100
    assert image.operations == 2 * 2400 * 7 + 4 * 2 * 10 * 49
    assert text.weights == 1200 + 50
    operations = 1000 * (33600 + 3920) + 5000 * (7200 + 360)
    found = estimate(image, text)
    assert found.laptop_seconds == pytest.approx(operations / 100e9)
    assert found.gpu_seconds == pytest.approx(operations / 20e12)
    assert found.laptop_bytes == 4 * (2400 + 1250 + 8 * 12 * 10 * 7)


def test_twice_the_layers_cost_twice_the_time():
    text = Tower(0, 10, 3)
    once, twice = (estimate(Tower(n, 10, 7), text).laptop_seconds for n in (3, 6))
    assert twice == pytest.approx(2 * once)


def test_every_entry_has_an_estimate():
    assert all(entry.cost.laptop_seconds > 60 for entry in entries())


def test_larger_is_dearer():
    small, large = (
        entry_of(f"StanfordAIMI/XraySigLIP__{name}__webli").cost
        for name in ("vit-b-16-siglip-512", "vit-l-16-siglip-384")
    )
    assert small.laptop_seconds < large.laptop_seconds
    assert small.gpu_bytes < large.gpu_bytes


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (90, "90 s"), (200, "3 minutes"), (9000, "2 hours")]
)
def test_a_time_is_said_in_the_unit_that_suits_it(seconds, said):
    assert in_words(seconds) == said
