"""What makes two runs, or two criteria, the same: canonical text and its hash.

A field that equals its default is left out, so that a field added later changes
no identity of before.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import msgspec

from suite.spec.schema import Claim, Metric

DIGITS: Final = 12
_PROSE: Final = frozenset({"says", "source", "paper_value", "note", "unit"})


def digest(text: str) -> str:
    """The first 12 hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def canonical(value: msgspec.Struct) -> dict[str, object]:
    """The value as plain data: kinds kept, fields at their default dropped, numbers of one type."""
    typed = msgspec.convert(msgspec.to_builtins(value), type(value))
    return _fields(typed)


def canonical_json(value: object) -> str:
    """Sorted, compact JSON; floats as Python's repr."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def criterion_hash(claim: Claim, metrics: Mapping[str, Metric]) -> str:
    """The hash of all that decides a claim: every field but the prose, and how the metrics that it
    and its controls look at are made.
    """
    given = [control.metric for control in claim.controls.values()]
    used = {claim.metric, *(name for name in given if name is not msgspec.UNSET)}
    rule = {
        "claim": _without_prose(canonical(claim)),
        "metrics": {name: _without_prose(canonical(metrics[name])) for name in used},
    }
    return digest(canonical_json(rule))


def _without_prose(value: object) -> object:
    """Without the prose of the claim and of its controls."""
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if key not in _PROSE}
    controls = {name: _without_prose(control) for name, control in value.get("controls", {}).items()}
    return {**kept, "controls": controls} if controls else kept


def _fields(value: msgspec.Struct) -> dict[str, object]:
    config = value.__struct_config__
    tag = {config.tag_field: config.tag} if config.tag_field else {}
    given = {
        name: _plain(getattr(value, name))
        for name, default in _defaults(type(value))
        if getattr(value, name) != default
    }
    return {**tag, **given}


def _plain(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return _fields(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


@lru_cache
def _defaults(type_: type[msgspec.Struct]) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, _default(field)) for field in msgspec.structs.fields(type_))


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default
