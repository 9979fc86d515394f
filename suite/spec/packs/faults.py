"""Mistakes in what experiment files and declarations say of packs; nothing of a pack is run to see them."""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from suite.errors import UserError
from suite.spec.packs.code import Absent, as_declared, brought, declared_probe
from suite.spec.packs.declaration import NOUNS, SECTIONS, Default, Section
from suite.spec.packs.found import Pack
from suite.spec.packs.meant import section_of
from suite.spec.packs.modules import defines, definition
from suite.spec.packs.signatures import mismatches
from suite.spec.places import advice
from suite.spec.schema import Figure, Metric, Option, Packed, PackImages, Setting


class Fault(NamedTuple):
    """What is wrong with one use of a pack: ``at`` is the path of keys to it."""

    at: tuple[str, ...]
    text: str
    cure: str
    absent: bool = False
    """Whether it is only that the pack, or what it should bring, is not here."""


SLOTS: Mapping[str, Section] = {
    "data": "data",
    "generator": "generators",
    "critic": "critics",
    "loss": "losses",
    "constraint": "constraints",
}
"""The keys of a setting that a pack can fill."""


def setting_faults(setting: Setting) -> Iterator[Fault]:
    """What is wrong with the uses of packs in a setting, besides its probes' quantities."""
    known: Section
    for slot, section in SLOTS.items():
        value = getattr(setting, slot)
        if isinstance(value, Packed | PackImages):
            known = "images" if isinstance(value, PackImages) else section
            yield from use_faults(known, value.use, value.options, (slot,))
    for use, probe in setting.probes.packs.items():
        yield from use_faults("probes", use, probe.options, ("probes", "packs", use))


def metric_faults(metric: Metric) -> Iterator[Fault]:
    """Of a metric whose reduction is a pack's, and of one that only looks so."""
    yield from _named("metrics", "reduce", metric.reduce == "pack", metric.use, metric.options)


def figure_faults(figure: Figure) -> Iterator[Fault]:
    """Of a figure that a pack draws, and of one that only looks so."""
    yield from _named("figures", "kind", figure.kind == "pack", figure.use, figure.options)


def series_faults(series: str) -> Iterator[Fault]:
    """Of ``pack/probe.quantity``."""
    probe, _, quantity = series.partition(".")
    try:
        known = declared_probe(probe).quantities
    except UserError as error:
        yield _absent((), error)
        return
    if quantity not in known:
        text = f"unknown quantity {quantity!r} of probe {probe}"
        yield Fault((), text, advice(quantity, known, f"quantities of {probe}"))


def use_faults(
    section: Section, use: str, options: Mapping[str, Option], at: tuple[str, ...]
) -> Iterator[Fault]:
    """What is wrong with one name and its options."""
    try:
        declared = brought(section, use).options
    except Absent as error:
        yield _elsewhere(at, use, error)
        return
    for name, value in options.items():
        place = (*at, "options", name)
        if name not in declared:
            text = f"unknown option {name!r} of {NOUNS[section]} {use}"
            yield Fault(place, text, advice(name, declared, "options"))
        elif not _is_like(declared[name], value):
            text = f"option {name!r} of {NOUNS[section]} {use} must be {_kind(declared[name])}"
            yield Fault(place, text, f"it is {_shown(declared[name])} where it is not given")


def pack_faults(pack: Pack) -> Iterator[str]:
    """What a pack declares and does not have, or cannot be called so, each as lines for people."""
    for section in SECTIONS:
        for name, each in pack.declaration.section(section).items():
            if not defines(pack.folder, each.at):
                yield (
                    f"{pack.file}: {NOUNS[section]} {name!r} is said to be at {each.at}, which is not there\n"
                    f"    {_where_to_define(each.at)}"
                )
            elif found := definition(pack.folder, each.at):
                for fault, cure in mismatches(found.node, section, each.options):
                    yield (
                        f"{pack.file}: {NOUNS[section]} {name!r}: {each.at} {fault}\n"
                        f"    {found.file.as_posix()}, line {found.node.lineno}: {cure}"
                    )


def _where_to_define(address: str) -> str:
    module, _, wanted = address.partition(":")
    if module.endswith(".py"):
        return f"modules are named without .py: write {module.removesuffix('.py')}:{wanted}"
    return f"define {wanted} in {module.replace('.', '/')}.py of that folder, or mend the name"


def _named(
    section: Section, key: str, is_packed: bool, use: str | None, options: Mapping[str, Option]
) -> Iterator[Fault]:
    if is_packed and use is None:
        yield Fault((key,), f"{key} pack needs 'use'", "add use: pack/name")
    elif not is_packed and (use is not None or options):
        name = "use" if use is not None else "options"
        yield Fault((name,), f"{name!r} is for {key} pack", f"set {key} to pack, or leave {name} out")
    elif use is not None:
        yield from use_faults(section, use, options, ())


def _absent(at: tuple[str, ...], error: UserError) -> Fault:
    text, _, cure = str(error).partition("\n")
    return Fault(at, text, cure.strip(), absent=True)


def _elsewhere(at: tuple[str, ...], use: str, error: Absent) -> Fault:
    """Of what is in no pack here under that section; where it is in another, that is the cure."""
    fault, section = _absent(at, error), section_of(use)
    if section is None:
        return fault
    return fault._replace(cure=f"it is a {NOUNS[section]} of that pack: {use} cannot stand here")


def _is_like(default: Default, value: Option) -> bool:
    value = as_declared(default, value)
    if isinstance(default, bool) or isinstance(value, bool) or isinstance(default, int):
        return type(value) is type(default)
    return isinstance(value, int | float if isinstance(default, float) else type(default))


def _kind(default: Default) -> str:
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
    return words.get(type(default), "a list of numbers")


def _shown(default: Default) -> str:
    """As a file has it."""
    return repr(default) if isinstance(default, str) else json.dumps(default)
