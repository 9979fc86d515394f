"""From ``pack/name`` to what the pack says of it, and to its code."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

from suite.errors import UserError
from suite.spec.identity import digest
from suite.spec.packs.declaration import (
    NOUNS,
    Brought,
    BroughtData,
    BroughtImages,
    BroughtProbe,
    Default,
    Section,
)
from suite.spec.packs.found import Pack, pack, packs
from suite.spec.packs.imports import not_imported
from suite.spec.packs.sources import package_of
from suite.spec.schema import Option

_B = TypeVar("_B", bound=Brought)
PREFIX = "wgan_suite_pack_"
"""Of the package as which a pack's modules are imported, whatever its folder is called."""


class Absent(UserError):
    """What is asked for is in no pack that is here."""


def code(section: Section, use: str, options: Mapping[str, Option]) -> Callable[..., Any]:
    """What a pack brings under that name, to be called; its options are given already.

    ``Absent`` where it is in no pack here, UserError where the pack does not have the code it declares.
    """
    found, brought = _sought(section, use)
    return partial(_attribute(found, use, brought.at), **filled(brought, options))


def made(section: Section, use: str, options: Mapping[str, Option]) -> Any:
    """What that code makes of its options alone; the same value for the same options."""
    return _made(_sought(section, use)[0], section, use, frozenset(options.items()))


@cache
def _made(found: Pack, section: Section, use: str, options: frozenset[tuple[str, Option]]) -> Any:
    return code(section, use, dict(options))()


def brought(section: Section, use: str) -> Brought:
    """What a pack declares under that name; ``Absent`` where it is in no pack here."""
    return _sought(section, use)[1]


def declared_data(use: str) -> BroughtData:
    """The same of data."""
    return _typed(brought("data", use), BroughtData)


def declared_images(use: str) -> BroughtImages:
    """The same of images."""
    return _typed(brought("images", use), BroughtImages)


def declared_probe(use: str) -> BroughtProbe:
    """The same of a probe."""
    return _typed(brought("probes", use), BroughtProbe)


def meaning(series: str) -> str:
    """What a pack says that ``pack/probe.quantity`` means; empty where it says nothing, or is not here."""
    probe, _, quantity = series.partition(".")
    if "/" not in probe or not is_here(probe):
        return ""
    return declared_probe(probe).quantities.get(quantity, "")


def filled(declared: Brought, options: Mapping[str, Option]) -> dict[str, Default]:
    """The options given, and as they are declared those that are not."""
    known = declared.options
    return known | {name: as_declared(known.get(name), value) for name, value in options.items()}


def is_here(use: str) -> bool:
    """Whether the pack of that name is here."""
    return pack(use.partition("/")[0]) is not None


def _sought(section: Section, use: str) -> tuple[Pack, Brought]:
    owner, _, name = use.partition("/")
    found = pack(owner)
    if found is None:
        here = ", ".join(each.name for each in packs()) or "none"
        raise Absent(
            f"{NOUNS[section]} {use!r}: pack {owner!r} is not here\n"
            f"    name its folder with --pack FOLDER, or install it; packs here: {here}"
        )
    known = found.declaration.section(section)
    if name not in known:
        raise Absent(
            f"{NOUNS[section]} {use!r}: pack {owner!r} brings none of that name\n"
            f"    it brings {', '.join(known) or 'none'}: {found.file}"
        )
    return found, known[name]


def _typed(found: Brought, type_: type[_B]) -> _B:
    assert isinstance(found, type_)
    return found


def as_declared(default: Default | None, value: Option) -> Default:
    """Files know one kind of number only; what is a whole one by default is one."""
    return int(value) if type(default) is int and type(value) is float and value.is_integer() else value


def _attribute(found: Pack, use: str, address: str) -> Callable[..., Any]:
    module, _, name = address.partition(":")
    try:
        held = _module(found, module)
    except Exception as error:
        raise UserError(f"{use}: {not_imported(found, address, error, PREFIX)}") from error
    if not hasattr(held, name):
        raise UserError(
            f"{use}: {found.file} says it is at {address}, but there is no {name!r} in that module\n"
            "    define it there, or mend the name"
        )
    value = getattr(held, name)
    if not callable(value):
        raise UserError(f"{use}: {address} of {found.file} cannot be called\n    make it a function or class")
    return value  # type: ignore[no-any-return]


def _module(found: Pack, name: str) -> ModuleType:
    package = f"{PREFIX}{found.name.replace('-', '_')}_{digest(str(found.folder))}"
    package_of(found, package)
    return import_module(f"{package}.{name}")
