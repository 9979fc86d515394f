"""What makes two runs, or two criteria, the same: canonical text and its hash.

A field that equals its default is left out, so that a field added later changes
no identity of before.
"""

import hashlib
import json
from functools import lru_cache
from typing import Final, Literal

import msgspec

from suite.spec.schema import Claim, Experiment, Factor

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


def criterion_hash(claim: Claim, experiment: Experiment) -> str:
    """The hash of all that decides a claim: every field but the prose, how the metrics that it and its
    controls look at are made, which levels it runs over, what the levels that it chooses are of, and whose
    runs a borrowed arm has.

    Not the settings of arms: they are part of a run's id, and another setting is another run.
    """
    rule = {
        "claim": _without_prose(canonical(claim)),
        "metrics": {
            name: _without_prose(canonical(experiment.metrics[name])) for name in _named(claim, "metric")
        },
    }
    factors = {name: _factor(experiment.factors[name], name == claim.over) for name in _factors(claim)}
    arms = _named(claim, "arm") | _named(claim, "versus")
    lent = {name: canonical(of) for name, of in experiment.borrowed.items() if name in arms}
    # Left out where empty, so that claims without keep the hash that they have always had.
    return digest(canonical_json(rule | {k: v for k, v in (("factors", factors), ("borrowed", lent)) if v}))


def _named(claim: Claim, field: Literal["metric", "arm", "versus"]) -> set[str]:
    """What the claim and its controls name in a field."""
    given = (getattr(each, field) for each in (claim, *claim.controls.values()))
    return {name for name in given if isinstance(name, str)}


def _factors(claim: Claim) -> set[str]:
    """The factors that the claim runs over, or chooses a level of, in itself or in a control."""
    chosen = [claim.where, *(control.where for control in claim.controls.values())]
    over = () if claim.over is None else (claim.over,)
    return {*over, *(name for where in chosen if isinstance(where, dict) for name in where)}


def _factor(factor: Factor, over: bool) -> dict[str, object]:
    """How a factor's levels are made, and, of the one that a claim runs over, which there are.

    Not how many draws there are: a claim looks at the first ones, which further ones leave as they are.
    """
    kept = {key: value for key, value in canonical(factor).items() if key in ("at", "values", "draws")}
    if factor.draws is not None:
        kept["draws"] = {key: value for key, value in canonical(factor.draws).items() if key != "count"}
    return kept if over else {key: value for key, value in kept.items() if key != "values"}


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
