"""Methods: what the file may say, and one clear line for all that it may not."""

import pytest
from pydantic import ValidationError

from negcxr.errors import InputError
from negcxr.finetune.methods import Method, method_named, read_methods
from negcxr.finetune.objectives import OBJECTIVES
from negcxr.finetune.statements import OPPOSED

GOOD = "about: Of a test., terms: {con1: 1}"


@pytest.fixture
def written(tmp_path):
    """Writes a file of methods."""

    def write(text):
        path = tmp_path / "methods.yml"
        path.write_text(text)
        return path

    return write


def test_the_methods_of_the_study_can_be_read_and_bear_their_names():
    methods = read_methods()
    assert {"con1", "con2", "negclip", "sigmoid"} <= methods.keys()
    for name, method in methods.items():
        assert method.name == name
        assert method.about
        assert method_named(name) == method


def test_every_objective_is_some_methods():
    used = {term for method in read_methods().values() for term in method.terms}
    assert OBJECTIVES.keys() - used <= {"con2-images", "con2-texts", "con2-distractors"}


def test_what_a_file_leaves_out_is_as_the_class_says(written):
    method = method_named("plain", written(f"plain: {{{GOOD}}}"))
    assert method == Method(name="plain", about="Of a test.", terms={"con1": 1})
    assert sum(method.statements.values()) == pytest.approx(1)


def test_a_method_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Method(name="m", about="x", terms={"con1": 1}).lr = 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("terms: {con3: 1}", f"terms: 'con3'; known: {', '.join(OBJECTIVES)}"),
        ("terms: {}", "terms: dictionary should have at least 1 item"),
        ("terms: {con1: 2, con2: -1}", "'con2': -1.0}; allowed: shares of 0 or more"),
        ("terms: {con1: 0}", "allowed: shares of 0 or more, not all 0"),
        ("terms: {con1: .nan}", "allowed: shares of 0 or more, not all 0"),
        ("terms: {con1: .inf}", "allowed: shares of 0 or more, not all 0"),
        ("terms: {con1: much}", "terms.con1: input should be a valid number.*'much'"),
        (f"{GOOD}, statements: {{negated: 1}}", f"'negated'; known: {', '.join(OPPOSED)}"),
        (f"{GOOD}, statements: {{hedged: 1}}", "statements: 'hedged'; known: affirmed"),
        (f"{GOOD}, statements: {{}}", "statements: dictionary should have at least 1"),
        (f"{GOOD}, statements: {{denied: -1}}", "statements: {'denied': -1.0}; allowed"),
        (f"{GOOD}, statements: {{denied: 0}}", "not all 0"),
        (f"{GOOD}, images: near", "images: input should be 'random' or 'neighbours', not"),
        (f"{GOOD}, tune: image", "tune: input should be 'text', 'lora' or 'both', not"),
        (f"{GOOD}, tune: both, layers: a.json", "layers: of the text tower; allowed wh"),
        (f"{GOOD}, text: films", "text: input should be 'labels' or 'reports', not"),
        (
            "terms: {mirror: 1}, text: reports",
            "text: reports; the term mirror knows captions of labels alone",
        ),
        (f"{GOOD}, rank: 0", "rank: input should be greater than or equal to 1, not 0"),
        (f"{GOOD}, lr: 0", "lr: input should be greater than 0, not 0"),
        (f"{GOOD}, steps: 0", "steps: .* 1, not 0"),
        (f"{GOOD}, batch: 1", "batch: .* 2, not 1"),
        (f"{GOOD}, warmup: 0", "warmup: .* 1, not 0"),
        (f"{GOOD}, share: 0", "share: .* greater than 0, not 0"),
        (f"{GOOD}, share: 1.5", "share: .* 1, not 1.5"),
        (f"{GOOD}, epochs: 3", "epochs: extra inputs are not permitted"),
        ("terms: {con1: 1}", "about: field required"),
    ],
)
def test_a_method_that_is_not_as_it_must_be_is_refused_in_one_line(
    written, fields, message
):
    about = "" if GOOD in fields or fields == "terms: {con1: 1}" else "about: x, "
    path = written(f"good: {{{GOOD}}}\nbad: {{{about}{fields}}}")
    with pytest.raises(InputError, match=f"methods.yml, bad: .*{message}") as refused:
        read_methods(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "methods.yml: not a mapping of names to methods"),
        ("[con1]", "methods.yml: not a mapping of names to methods"),
        ("con1:", "methods.yml, con1: not a mapping of fields"),
        ("con1: [a]", "methods.yml, con1: not a mapping of fields"),
        ("con1: text", "methods.yml, con1: not a mapping of fields"),
        (f"Con 1: {{{GOOD}}}", "methods.yml, Con 1: name: string should match pattern"),
        (f"1: {{{GOOD}}}", "methods.yml, 1: name: input should be a valid string, not 1"),
        ("con1: {", "methods.yml, line 1: not YAML"),
    ],
)
def test_a_file_that_holds_no_methods_is_refused_in_one_line(written, text, message):
    with pytest.raises(InputError, match=message) as refused:
        read_methods(written(text))
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused_by_its_path(tmp_path):
    with pytest.raises(InputError, match=r"none.yml: cannot be read"):
        read_methods(tmp_path / "none.yml")


def test_a_method_that_is_not_in_the_file_is_refused_with_those_that_are(written):
    path = written(f"one: {{{GOOD}}}\ntwo: {{{GOOD}}}")
    with pytest.raises(InputError, match="'three' is not known; choose of one, two"):
        method_named("three", path)
