"""What a pack's network is like in time and memory: one of the suite's, that its pack names."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from suite.spec import schema
from suite.spec.packs.code import Absent, brought, filled
from suite.spec.packs.declaration import BroughtCritic, BroughtGenerator

_N = TypeVar("_N", schema.Critic, schema.Generator)


def critic(spec: schema.Critic) -> schema.Critic:
    """The critic itself, or of a pack's what it is like; the pack's own where that is not known."""
    if not isinstance(spec, schema.PackCritic):
        return spec
    try:
        declared = brought("critics", spec.use)
    except Absent:
        return spec
    assert isinstance(declared, BroughtCritic)
    return spec if declared.like is None else _sized(declared.like, filled(declared, spec.options))


def generator(spec: schema.Generator) -> schema.Generator:
    """The same of a generator, which has the latent dimension that its file gives."""
    if not isinstance(spec, schema.PackGenerator):
        return spec
    try:
        declared = brought("generators", spec.use)
    except Absent:
        return spec
    assert isinstance(declared, BroughtGenerator)
    options = filled(declared, spec.options) | {"latent": spec.latent}
    return spec if declared.like is None else _sized(declared.like, options)


def _sized(like: _N, options: Mapping[str, object]) -> _N:
    """With what options say of its keys, where they can."""
    known = {name: value for name, value in options.items() if name in like.__struct_fields__}
    try:
        return msgspec.convert(msgspec.to_builtins(like) | known, type(like))
    except msgspec.ValidationError:
        return like
