"""YAML 1.2's reading of plain scalars, and the merging of mappings."""

from typing import cast

import pytest
import yaml
from msgspec import inspect

from suite.spec import composer, schema
from suite.spec.merge import KIND_KEYS, PACKED_KEYS, expand, merge, plain
from suite.spec.nodes import Mapping, parse, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-12", -12),
        ("012", 12),
        ("0o17", 15),
        ("0x1f", 31),
        ("1_000", "1_000"),
        ("0b1", "0b1"),
        ("12:30", "12:30"),
        ("2017-01-02", "2017-01-02"),
        ("5e-5", 5e-5),
        ("1e5", 1e5),
        (".5", 0.5),
        ("1.", 1.0),
        ("+1.5E+2", 150.0),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
        ("1b, left", "1b, left"),
    ],
)
def test_plain_scalar(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_quoted_scalars_are_text() -> None:
    assert plain(parse(b"{a: '1', b: \"true\"}", "x")) == {"a": "1", "b": "true"}


def test_the_parser_of_pure_python_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a: [1, {b: 'x'}]\nc:\n  d: 5e-5\n"
    with_libyaml = plain(parse(text, "x"))
    monkeypatch.setattr(composer, "_LOADER", yaml.SafeLoader)
    assert plain(parse(text, "x")) == with_libyaml == {"a": [1, {"b": "x"}], "c": {"d": 5e-5}}


def merged(*texts: str) -> object:
    """The texts merged, each over those before."""
    node: Mapping = parse(texts[0].encode(), "0")
    for number, text in enumerate(texts[1:]):
        node = cast("Mapping", merge(node, parse(text.encode(), str(number + 1))))
    return plain(node)


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        ("a: {b: 1, c: 2}", "a: {c: 3, d: 4}", {"a": {"b": 1, "c": 3, "d": 4}}),
        ("a: [1, 2]", "a: [3]", {"a": [3]}),
        ("a: 1", "a: {b: 2}", {"a": {"b": 2}}),
        ("a: {b: 1}", "a: 2", {"a": 2}),
        ("{a: 1, b: 2}", "a: null", {"b": 2}),
        ("a: {kind: x, b: 1}", "a: {kind: y, c: 2}", {"a": {"kind": "y", "c": 2}}),
        ("a: {kind: x, b: 1}", "a: {kind: x, c: 2}", {"a": {"kind": "x", "b": 1, "c": 2}}),
        ("a: {kind: x, b: 1}", "a: {c: 2}", {"a": {"kind": "x", "b": 1, "c": 2}}),
        ("a: {b: 1}", "a: {kind: y}", {"a": {"b": 1, "kind": "y"}}),
    ],
)
def test_merging(below: str, above: str, expected: object) -> None:
    assert merged(below, above) == expected


def test_a_removed_key_can_be_given_again() -> None:
    assert merged("a: {b: 1}", "a: null", "a: {c: 2}") == {"a": {"c": 2}}


def test_merging_keeps_places() -> None:
    node = cast("Mapping", merge(parse(b"a: {b: 1}", "below"), parse(b"\na: {c: 2}", "above")))
    inner = cast("Mapping", node.entries["a"].node)
    assert [(entry.mark.source.name, entry.mark.line) for entry in inner.entries.values()] == [
        ("below", 0),
        ("above", 1),
    ]


def test_a_string_stands_for_its_kind() -> None:
    node = expand(parse(b"{data: swiss_roll, loss: wasserstein, critic: {initialization: he}}", "x"))
    assert plain(node) == {
        "data": {"kind": "swiss_roll"},
        "loss": "wasserstein",
        "critic": {"initialization": {"kind": "he"}},
    }


def kind_keys(kind: inspect.Type) -> set[str]:
    """The fields below a type whose values have a kind."""
    if isinstance(kind, inspect.UnionType):
        return set().union(*(kind_keys(part) for part in kind.types))
    if not isinstance(kind, inspect.StructType):
        return set()
    return {field.name for field in kind.fields if has_kind(field.type)}.union(
        *(kind_keys(field.type) for field in kind.fields)
    )


def has_kind(kind: inspect.Type) -> bool:
    parts = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return any(isinstance(part, inspect.StructType) and part.tag is not None for part in parts)


def test_the_keys_with_kinds_are_those_of_the_schema() -> None:
    # A loss has a kind only where a pack brings it, and is one of the suite's words otherwise.
    assert kind_keys(inspect.type_info(schema.Setting)) == KIND_KEYS | {"loss"}
    assert KIND_KEYS | {"loss"} >= PACKED_KEYS
