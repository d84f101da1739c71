"""Every chapter measures every family, and every oddity of a folder goes through some.

Here are cells without a kernel. One family goes through kernels too: ``make check`` runs
the smoke study, which is these notebooks on ``checkpoints/phantom-web``, a CLIP, through
papermill, with their charts and the book that is made of them.

By default, chapters that look into a text tower go over the ways in which one is read (at
its last place, its first token, at no token), and most others over one of them. All
chapters on all families, and the odd folders, are marked slow.
"""

import math

import numpy as np
import pytest
import torch
from tests.checkpoints import BUILDERS
from tests.conformance.chapters import INSIDE, JOBS, METHODS, Way, executed
from tests.conformance.folders import ODD, takes_mean

from negcxr import paths
from negcxr.chapters.sides import read_from
from negcxr.models import load_encoder
from negcxr.parameters import declared
from negcxr.probe.transplant import text_parts, weight_changes
from negcxr.results import read_result, read_table
from negcxr.runs import METHOD_JOB, method_of
from negcxr.study import read_study

pytestmark = pytest.mark.model
LOOKED_INTO = ("30_attribution", "32_heads", "33_tracing", "34_probes")
QUICK = {  # what is run by default, by family
    "siglip": ("10_retrieval", "33_tracing"),
    "siglip2": ("10_retrieval", "11_choice", "20_con1", *LOOKED_INTO, "35_real_sentences"),
    "bert_dual": ("10_retrieval", "11_choice", "20_con1", "20_lora", *LOOKED_INTO),
    "bert_mean": (
        *("10_retrieval", "11_choice", "12_cues", "13_shortcuts", "20_con1"),
        *("20_front-layers", "26_interpolation", "27_no_price", "29_comparison", *INSIDE),
        *("36_sentence_encoder", "39_what_changed"),
        *("40_your_checkpoint", "41_policies", "42_ledger", "43_reporting_bias"),
        "50_runs",
    ),
}
# Least share of a chapter's numbers that are told. The others need kept runs of several
# methods, more images than there are here, or a sentence encoder.
TOLD = {
    **{"11_choice": 0.3, "27_no_price": 0.05, "29_comparison": 0.4, "33_tracing": 0.3},
    "36_sentence_encoder": 0.0,
}
MOSTLY = 0.6  # of all other chapters
SENTENCES = ["edema", "no edema", "No evidence of pneumothorax, left or right."]


def cell(job: str, form: str):
    marks = [] if job in QUICK.get(form, ()) else [pytest.mark.slow]
    return pytest.param(job, form, marks=marks, id=f"{job}-{form}")


def cells(jobs, forms):
    """Chapters by forms, as parameters of a test."""
    both = [cell(job, form) for form in forms for job in jobs]
    return pytest.mark.parametrize(("job", "form"), both)


every = cells(JOBS, BUILDERS)
tuned = cells([METHOD_JOB + method for method in METHODS], BUILDERS)


@every
def test_a_chapter_tells_every_number_or_why_not(way, job, form):
    require_told(way(form), job)


def require_told(one: Way, job: str) -> None:
    result = read_result(one.result(job))
    told = {name: known.value for name, known in result.scalars.items()}
    share = np.mean([value is not None for value in told.values()])
    assert share >= TOLD.get(job, MOSTLY), f"{job}: {share:.2f} of its numbers are told"
    for name, value in told.items():
        known = result.scalars[name]
        assert known.note if value is None else math.isfinite(value), name
    for name in result.tables:
        numbers = read_table(one.result(job), name).select_dtypes("number")
        assert not np.isinf(numbers.to_numpy(dtype=float)).any(), name


@every
def test_images_and_texts_are_rows_of_unit_length(way, job, form):
    left = way(form).run(job)
    for name in {"gallery", "before", "after"} & left.keys():
        for rows in (left[name].rows, left[name].texts(SENTENCES)):
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


AGAINST = "bert_mean"  # the family whose numbers all others are held against
OTHERS = [form for form in BUILDERS if form != AGAINST]


@cells([job for job in JOBS if job[:3] != METHOD_JOB or job == "20_con1"], OTHERS)
def test_a_chapter_tells_the_same_numbers_of_every_family(way, job, form):
    names, of_another = (
        {name.replace(one, "run") for name in read_result(way(one).result(job)).scalars}
        for one in (form, AGAINST)
    )
    assert names == of_another


@tuned
def test_a_tuned_folder_gives_the_rows_of_the_model_that_was_tuned(way, job, form):
    left, method = way(form).run(job), method_of(job)
    memory, loaded = way(form).tuned[method], load_encoder(str(left["folder"]))
    rows = memory.encode_texts(SENTENCES), loaded.encode_texts(SENTENCES)
    np.testing.assert_allclose(*rows, atol=1e-6)
    base = load_encoder(str(way(form).checkpoint))
    assert np.abs(rows[0] - base.encode_texts(SENTENCES)).max() > 1e-4
    assert left["after"].rows is left["before"].rows  # no image was embedded anew
    assert memory.scale == pytest.approx(loaded.scale, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("form", ODD)
def test_an_odd_folder_that_was_tuned_is_read_as_its_base_is(way, form):
    left, base = way(form).run("20_con1"), load_encoder(str(way(form).checkpoint))
    memory, loaded = way(form).tuned["con1"], load_encoder(str(left["folder"]))
    rows = memory.encode_texts(SENTENCES), loaded.encode_texts(SENTENCES)
    np.testing.assert_allclose(*rows, atol=1e-6)
    assert loaded.processor_key == base.processor_key
    ids = [[e.token_table(text).ids.tolist() for text in SENTENCES] for e in (base, loaded)]
    assert ids[0] == ids[1]
    pooled = [e.token_table(SENTENCES[2]).pooled for e in (base, loaded)]
    assert pooled[0] == pooled[1]


@tuned
def test_what_is_tuned_is_what_moves(way, job, form):
    left, method = way(form).run(job), method_of(job)
    base, other = (load_encoder(str(at)) for at in (way(form).checkpoint, left["folder"]))
    moved = weight_changes(base, other).set_index("part")["moved"]
    layers = [part for part in text_parts(base) if part.startswith("layer")]
    expected = {"lora": layers, "front-layers": layers[:1]}.get(method, [*moved.index])
    assert moved.index[moved > 0].tolist() == expected
    own, weights = base.model.state_dict(), other.model.state_dict()
    assert all(
        torch.equal(value, weights[name])
        for name, value in own.items()
        if name.startswith(("vision_model.", "visual_projection."))
    )


READ_FROM = {
    "siglip2": "a row is read from the last token",
    "bert_dual": "a row is read from the first token",
    "bert_mean": "a row is the mean over tokens; none is read, and its words stand in",
}


@pytest.mark.parametrize("form", READ_FROM)
def test_where_a_row_is_read_is_said_and_exchanged_only_where_there_is_such_a_token(
    way, form, capsys
):
    left = way(form).run("33_tracing")
    scopes, places = set(left["by_head"]["scope"]), set(left["states"]["place"])
    none = takes_mean(form)
    assert ("read place" in scopes, "read" in places) == (not none, not none)
    assert read_from(left["sides"][0]) == READ_FROM[form]


@pytest.mark.parametrize("form", READ_FROM)
def test_probes_of_a_token_that_is_read_are_those_of_words_where_none_is(way, form):
    table = read_table(way(form).result("34_probes"), "layers")
    inner = table[(table["where"] != "row") & (table["side"] == "base")]
    read, words = (
        inner[inner["state"] == state]["value"].to_numpy()
        for state in ("read", "mean of words")
    )
    assert np.array_equal(read, words, equal_nan=True) == takes_mean(form)


LOOKS = dict(zip(ODD, (INSIDE * len(ODD))[: len(ODD)], strict=True))


@pytest.mark.slow  # an odd folder's rows are held to its plain form's elsewhere
@pytest.mark.parametrize("form", ODD)
@pytest.mark.parametrize("job", ["10_retrieval", "11_choice", "a look inside"])
def test_an_odd_folder_goes_through_retrieval_choice_and_a_look_inside(way, job, form):
    require_told(way(form), LOOKS.get(form) if job == "a look inside" else job)


@pytest.mark.slow
@pytest.mark.parametrize("form", BUILDERS)
def test_a_chapter_draws_what_it_found(tmp_path, folder, images, form):
    drawn = Way(folder(form), images, tmp_path / form)
    for job in ("10_retrieval", "30_attribution", "32_heads", "33_tracing", "34_probes"):
        require_told(drawn, job)


# Gradients along a line are told to be too coarse, so attribution is not among them.
HALVABLE = ("10_retrieval", "11_choice", "31_geometry", *LOOKED_INTO[1:])
HALVED = ("clip-float16", "siglip2-bfloat16", "bert_dual", "bert_mean-float16")


@pytest.mark.slow
@pytest.mark.parametrize("form", HALVED)
@pytest.mark.parametrize("job", HALVABLE)
def test_a_chapter_computes_in_half_precision(tmp_path, folder, images, job, form):
    half = Way(folder(form), images, tmp_path / form, dtype="bfloat16", methods="")
    require_told(half, job)


@pytest.mark.slow
def test_a_sentence_encoder_goes_through_every_look(way, tmp_path):
    for job in (*INSIDE, "36_sentence_encoder"):
        source, values = way("bert_mean").given(job)
        own = {"results": str(tmp_path), "text_root": "invented", "methods": ""}
        own = {name: value for name, value in own.items() if name in declared(source)}
        executed(source, values | own)
    numbers = read_result(tmp_path / "36_sentence_encoder.json").scalars
    assert all(known.value is not None or known.note for known in numbers.values())
    assert any(known.value is not None for known in numbers.values())


def test_one_family_goes_through_kernels_in_the_smoke_study():
    study = read_study(paths.PARAMS / "smoke.yml")
    (run,) = study.runs.values()
    assert run.parameters["checkpoint"] == "checkpoints/phantom-web"
    ran = {job for job in JOBS if job in study.notebooks}
    left_out = {job for job in JOBS if not job.startswith("20_")} - ran
    assert left_out <= {"27_no_price", "29_comparison"}  # of several seeds and methods
