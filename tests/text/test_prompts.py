"""Prompt sets: what they make, and what is refused in a user's own."""

from collections import Counter

import pytest

from negcxr.errors import InputError
from negcxr.text.cues import CUES
from negcxr.text.prompts import load_prompt_set, prompt_sets
from negcxr.text.vocabulary import known_findings

PHANTOMS = (
    "Cardiomegaly",
    "Edema",
    "Consolidation",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Lung Lesion",
    "Support Devices",
)
LATERAL = {
    "Consolidation",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Lung Lesion",
}


@pytest.fixture(scope="module")
def chest():
    return load_prompt_set("chest", PHANTOMS)


@pytest.fixture
def own(tmp_path):
    def load(text, findings=("Edema", "Pneumothorax")):
        path = tmp_path / "own.yml"
        path.write_text(text, encoding="utf-8")
        return load_prompt_set(str(path), findings)

    return load


def text_of(prompts, name):
    return next(prompt.text for prompt in prompts if prompt.id == name)


def templates_of(prompts, polarity):
    return {prompt.template for prompt in prompts if prompt.polarity == polarity}


def test_two_sets_come_with_the_study():
    assert prompt_sets() == ("chest", "plain")


@pytest.mark.parametrize("name", prompt_sets())
def test_every_polarity_is_in_every_set(name):
    polarities = {prompt.polarity for prompt in load_prompt_set(name, PHANTOMS)}
    assert len(polarities) == 8


@pytest.mark.parametrize(
    ("polarity", "least"),
    [
        ("affirmed", 4),
        ("denied", 10),
        ("composite", 3),
        ("double-negation", 2),
        ("hedged", 2),
        ("scope", 2),
        ("side", 2),
    ],
)
def test_each_polarity_is_worded_in_several_ways(chest, polarity, least):
    assert len(templates_of(chest, polarity)) >= least


def test_at_least_ten_cues_deny(chest):
    assert len({prompt.cue for prompt in chest if prompt.polarity == "denied"}) >= 10


def test_every_cue_of_a_prompt_is_in_the_list_of_cues(chest):
    assert {prompt.cue for prompt in chest} - {""} <= {cue.cue for cue in CUES}


@pytest.mark.parametrize("name", prompt_sets())
def test_identifiers_are_unique(name):
    prompts = load_prompt_set(name, known_findings())
    assert len({prompt.id for prompt in prompts}) == len(prompts)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pleural-effusion/affirmed/bare", "pleural effusion"),
        ("pleural-effusion/denied/no", "no pleural effusion"),
        ("pleural-effusion/denied/absent", "pleural effusion is absent"),
        ("support-devices/denied/absent", "support devices are absent"),
        ("edema/composite/no-but/atelectasis", "no atelectasis but pulmonary edema"),
        ("edema/composite/without/atelectasis", "pulmonary edema without atelectasis"),
        ("cardiomegaly/equivalent/as-is/normal-heart-size", "normal heart size"),
        ("edema/double-negation/not-without", "not without pulmonary edema"),
        ("edema/scope/no-or/consolidation", "no consolidation or pulmonary edema"),
        ("pneumothorax/side/no/left", "no left pneumothorax"),
    ],
)
def test_an_identifier_says_what_the_prompt_is(chest, name, text):
    assert text_of(chest, name) == text


def test_a_prompt_names_both_of_its_findings(chest):
    prompt = next(p for p in chest if p.id == "edema/composite/no-but/atelectasis")
    assert (prompt.finding, prompt.other, prompt.cue) == ("Edema", "Atelectasis", "no")


def test_a_scope_has_its_finding_far_from_the_cue(chest):
    for prompt in (p for p in chest if p.polarity == "scope"):
        words = {
            name: text_of(chest, f"{slug}/affirmed/bare") for name, slug in SLUGS.items()
        }
        assert prompt.text.endswith(f"{words[prompt.other]} or {words[prompt.finding]}")


SLUGS = {name: name.lower().replace(" ", "-") for name in PHANTOMS}


def test_all_ordered_pairs_are_composed(chest):
    counts = Counter(p.template for p in chest if p.polarity == "composite")
    assert counts == {"without": 56, "but-no": 56, "no-but": 56}  # 8 x 7 each
    pairs = {(p.finding, p.other) for p in chest if p.polarity == "composite"}
    assert len(pairs) == 56
    assert all(finding != other for finding, other in pairs)


def test_a_capped_pairing_gives_each_finding_as_many_others(own):
    prompts = own(
        "prompts: [{polarity: composite, id: a, text: '{finding} no {other}', pairs: 2}]",
        findings=("A", "B", "C", "D"),
    )
    assert [(p.finding, p.other) for p in prompts] == [
        ("A", "B"),
        ("A", "C"),
        ("B", "C"),
        ("B", "D"),
        ("C", "D"),
        ("C", "A"),
        ("D", "A"),
        ("D", "B"),
    ]


def test_a_side_is_denied_only_of_findings_that_have_one(chest):
    assert {p.finding for p in chest if p.polarity == "side"} == LATERAL


def test_a_prompt_stays_what_it_is_when_findings_are_fewer():
    few = {p.id: p for p in load_prompt_set("chest", PHANTOMS[:4])}
    all_ = {p.id: p for p in load_prompt_set("chest", PHANTOMS)}
    singles = {name for name, p in few.items() if p.polarity != "scope"}
    assert {few[name] for name in singles} <= set(all_.values())


def test_one_finding_alone_makes_no_pairs():
    prompts = load_prompt_set("chest", ["Edema"])
    assert {"composite", "scope"}.isdisjoint(prompt.polarity for prompt in prompts)


def test_commas_and_case_reach_the_encoder(own):
    text = "No {finding}, no {other}"
    prompts = own(f"prompts: [{{polarity: scope, id: a, text: '{text}', pairs: 1}}]")
    assert prompts[0].text == "No pulmonary edema, no pneumothorax"


def test_a_finding_without_words_goes_by_its_own_name():
    prompts = load_prompt_set("plain", ["Ground Glass"])
    assert text_of(prompts, "ground-glass/denied/no") == "no ground glass"


def test_own_words_replace_the_built_in_ones(own):
    prompts = own(
        "findings: {Edema: {phrase: wet lungs}}\n"
        "prompts: [{polarity: affirmed, id: a, text: '{finding}'}]"
    )
    assert [prompt.text for prompt in prompts] == ["wet lungs", "pneumothorax"]


def test_an_entry_may_be_one_prompt_in_its_own_words(own):
    prompts = own(
        "prompts: [{polarity: composite, id: a, finding: Edema, other: Pneumothorax,"
        " text: wet but not collapsed, cue: not}]"
    )
    assert [(p.id, p.finding, p.other) for p in prompts] == [
        ("edema/composite/a/pneumothorax", "Edema", "Pneumothorax")
    ]


def test_a_single_prompt_for_a_finding_of_other_data_is_left_out(own):
    prompts = own(
        "prompts: [{polarity: affirmed, id: a, finding: Hernia, text: hernia},"
        " {polarity: affirmed, id: b, finding: Edema, text: wet}]"
    )
    assert [prompt.text for prompt in prompts] == ["wet"]


def test_an_unknown_set_is_refused_with_the_known_ones():
    with pytest.raises(
        InputError, match="'chset' is not known; choose one of: chest, plain"
    ):
        load_prompt_set("chset", PHANTOMS)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(InputError, match="none.yml: cannot be read .No such file"):
        load_prompt_set(str(tmp_path / "none.yml"), PHANTOMS)


ENTRY = "prompts: [{%s}]"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            ENTRY % "polarity: afirmed, id: a, text: '{finding}'",
            "own.yml, prompts entry 1 (a): polarity: input should be 'affirmed', 'denied'",
            id="unknown polarity",
        ),
        pytest.param(
            ENTRY % "polarity: affirmed, id: a",
            "entry 1 (a): text: field required; fields: id, polarity, text",
            id="missing field",
        ),
        pytest.param(
            ENTRY % "polarity: affirmed, text: '{finding}'",
            "entry 1 (without id): id: field required",
            id="missing id",
        ),
        pytest.param(
            ENTRY % "polarity: affirmed, id: a, text: wet, finding: Oedema",
            "entry 1 (a): finding 'Oedema' is not known; known: Atelectasis, Cardiomegaly",
            id="unknown finding",
        ),
        pytest.param(
            ENTRY % "polarity: denied, id: a, cue: no, text: 'no {finding}'",
            "cue: input should be a valid string, not False; YAML reads a bare no as false",
            id="bare no",
        ),
        pytest.param(
            ENTRY % "polarity: denied, id: a, text: 'no {finding}'",
            "a denied prompt names its cue",
            id="denied without cue",
        ),
        pytest.param(
            ENTRY % "polarity: denied, id: a, cue: free of, text: 'no {finding}'",
            "cue 'free of' does not stand in 'no {finding}'",
            id="cue elsewhere",
        ),
        pytest.param(
            ENTRY % "polarity: affirmed, id: a, text: '{fnding}'",
            "'{fnding}' has the slots fnding; allowed: finding, is; needed: finding",
            id="unknown slot",
        ),
        pytest.param(
            ENTRY % "polarity: composite, id: a, text: '{finding} alone'",
            "needed: finding, other",
            id="missing slot",
        ),
        pytest.param(
            ENTRY % "polarity: affirmed, id: a, text: '{finding} {'",
            "entry 1 (a): ",
            id="brace",
        ),
        pytest.param(
            ENTRY % "polarity: scope, id: a, text: '{finding} {other}', pairs: 0",
            "pairs is 0; allowed: all, or a number from 1",
            id="no pairs",
        ),
        pytest.param(
            ENTRY % "polarity: side, id: a, finding: Edema, text: no left edema",
            "side goes with finding, in side prompts alone",
            id="side without side",
        ),
        pytest.param(
            ENTRY % "polarity: affirmed, id: a, text: '{finding}', colour: red",
            "colour: extra inputs are not permitted; fields: id, polarity",
            id="unknown field",
        ),
        pytest.param("prompts: [hello]", "entry 1 ('hello')", id="not an entry"),
        pytest.param("prompts: []", "prompts a list of entries", id="no entries"),
        pytest.param(
            "prompt: []", "the keys of a prompt set are about, findings", id="key"
        ),
        pytest.param("a: [", "own.yml, line 1: not YAML", id="not YAML"),
        pytest.param(
            ENTRY % "polarity: affirmed, id: a, finding: Hernia, text: hernia",
            "own.yml: no prompt for any finding",
            id="nothing to ask",
        ),
        pytest.param(
            "prompts: [{polarity: affirmed, id: a, text: '{finding}'},"
            " {polarity: affirmed, id: a, text: '{finding} seen'}]",
            "2 prompts are edema/affirmed/a; give each entry its own id",
            id="id twice",
        ),
    ],
)
def test_what_is_wrong_in_an_own_set_is_said_in_one_line(own, text, message):
    with pytest.raises(InputError) as refused:
        own(text)
    assert message in str(refused.value)
    assert "own.yml" in str(refused.value)
    assert "\n" not in str(refused.value)
