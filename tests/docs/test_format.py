"""The page of the format has every key of every mapping, with type, default and meaning."""

import json

import pytest

from pages.format import NOT_SHOWN, fields, page, shown
from suite.spec import layout, schema
from tests.docs.pages import ROOT

MAPPINGS = [
    name
    for name, found in vars(schema).items()
    if isinstance(found, type) and issubclass(found, schema.Frozen) and name not in NOT_SHOWN
]


def test_every_mapping_is_shown_once() -> None:
    assert sorted([*MAPPINGS, "File", "Layer", "Scales"]) == sorted(shown())


@pytest.mark.parametrize("name", shown())
def test_every_key_has_a_meaning(name: str) -> None:
    found = getattr(schema, name, None) or getattr(layout, name)
    assert [field.name for field in fields(found) if not field.says.strip()] == []


def test_the_page_has_every_property_of_the_json_schema() -> None:
    whole = json.loads((ROOT / "experiments" / "schema.json").read_text(encoding="utf-8"))
    properties = {key for each in [whole, *whole["$defs"].values()] for key in each.get("properties", {})}
    told = page()
    assert {key for key in properties - {"kind"} if f"| `{key}` |" not in told} == set()


def test_types_and_defaults_are_told() -> None:
    told = page()
    assert "| `weight` | [NonNegative](#nonnegative) | `10.0` | Lambda. |" in told
    assert "| `constraint` | [Constraint](#constraints) | `none` |" in told
    assert "whole number (at least 2, at most 1,000,000) | required |" in told
    assert "| `gradient_norms.slope` |" in told
