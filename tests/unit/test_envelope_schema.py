"""The published schema of the envelope says what the intake does."""

import json

import jsonschema
import pytest

from orchestration.dbt_runner import PROJECT
from orchestration.defs.load.envelope import ATTRIBUTES
from tests.e2e.test_intake_gallery import LINES, Case
from tests.intake import event

SCHEMA = json.loads((PROJECT / "docs" / "envelope.schema.json").read_text("utf-8"))
ENVELOPE_REASONS = {"missing_attribute", "mistyped_attribute", "unparsable_time"}
# what takes the registry or a calendar to find out
BEYOND_A_SCHEMA = {"no receive time of a source with a receive clock", "30th of february"}
CASES = [
    case
    for case in LINES
    if case.suffix == ".jsonl" and len(case.expected) == 2 and case.name not in BEYOND_A_SCHEMA
]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_schema_and_loader_know_the_same_attributes() -> None:
    assert set(SCHEMA["properties"]) == set(ATTRIBUTES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_schema_refuses_what_the_intake_refuses(case: Case) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for line, text in enumerate(case.content.splitlines(), start=1):
        is_refused = case.expected[line][1] in ENVELOPE_REASONS
        assert validator.is_valid(json.loads(text.lstrip(b"\xef\xbb\xbf"))) is not is_refused


@pytest.mark.parametrize("name", SCHEMA["required"])
def test_each_required_attribute_is_missed(name: str) -> None:
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(event(**{name: None}))
