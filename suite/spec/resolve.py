"""An experiment file at one scale: overrides, scale and base merged into its arms, and checked."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

import msgspec

from suite.spec.check import check
from suite.spec.explain import explain
from suite.spec.layout import SECTIONS
from suite.spec.merge import expand, has_null, is_gone, merge, overlay, plain
from suite.spec.nodes import Entry, Mapping, Node, Removed, entries_of, lookup
from suite.spec.overrides import Change, Variant
from suite.spec.places import Problem, within
from suite.spec.schema import Claim, Experiment, Factor, Figure, Metric, Scale, Setting
from suite.spec.structure import crossed_name, new_arms, with_kinds

NOTHING: Final[dict[str, Entry]] = {}
_Part = TypeVar("_Part")


def at_scale(
    tree: Mapping, scale: Scale, overrides: Variant, borrowed: dict[str, Entry] = NOTHING
) -> tuple[Experiment, list[Problem]]:
    """The experiment, or what of it is valid, and the mistakes; ``borrowed`` are merged arms."""
    problems: list[Problem] = []
    resolved = _with_arms(_resolved(tree, scale, overrides, problems), borrowed)
    try:
        experiment = msgspec.convert(plain(resolved), Experiment)
    except msgspec.ValidationError as error:
        experiment = _salvaged(resolved)
        invalid = Problem(resolved.mark, f"not a valid experiment: {error}")
        problems += list(_explained(resolved, scale, experiment)) or [invalid]
    else:
        problems += _explained(resolved, scale, experiment) if has_null(resolved) else []
    checks = [*check(experiment, resolved, scale), *_factor_overrides(experiment, overrides)]
    problems += [within(problem, f"scale {scale}") for problem in checks]
    return experiment, problems


def _resolved(tree: Mapping, scale: Scale, overrides: Variant, problems: list[Problem]) -> Mapping:
    """The file with scale, overrides and base merged into its arms."""
    layer = merge(_layer(tree), _layer(lookup(tree, "scales", scale)))
    for change in overrides.changes:
        if change.section:
            above = with_kinds(_layer(overlay(_steps(layer, change.path), change.node, change.mark)))
            problems += new_arms(layer, above)
            layer = merge(layer, above)
    assert isinstance(layer, Mapping)
    header = {key: entry for key, entry in tree.entries.items() if key in Experiment.__struct_fields__}
    header |= _all_borrowed(tree, scale)
    sections = {key: entry for key, entry in layer.entries.items() if key not in ("base", "across")}
    arms = {"arms": _arms(layer, [change for change in overrides.changes if not change.section])}
    return Mapping(tree.mark, header | sections | arms)


def borrowed_arms(tree: Mapping, scale: Scale) -> dict[str, Entry]:
    """What a file borrows at a scale: its own entries with the scale's laid over them."""
    own, more = lookup(tree, "borrowed"), lookup(tree, "scales", scale, "borrowed")
    found = own if more is None else merge(own, more)
    return {name: entry for name, entry in entries_of(found).items() if not is_gone(entry.node)}


def _all_borrowed(tree: Mapping, scale: Scale) -> dict[str, Entry]:
    found = borrowed_arms(tree, scale)
    return {"borrowed": Entry(tree.mark, Mapping(tree.mark, found))} if found else {}


def merged_arms(tree: Mapping, scale: Scale, overrides: Variant) -> Node | None:
    """The arms of a file at a scale, each merged over the base."""
    return lookup(_resolved(tree, scale, overrides, []), "arms")


def _with_arms(resolved: Mapping, more: dict[str, Entry]) -> Mapping:
    arms = resolved.entries["arms"]
    every = Mapping(arms.node.mark, entries_of(arms.node) | more)
    return Mapping(resolved.mark, resolved.entries | {"arms": Entry(arms.mark, every)})


def _layer(node: Node | None) -> Mapping:
    """The sections of a file, scale or override."""
    assert isinstance(node, Mapping)
    return Mapping(node.mark, {key: entry for key, entry in node.entries.items() if key in SECTIONS})


def _arms(layer: Mapping, changes: Iterable[Change]) -> Entry:
    base, arms = lookup(layer, "base"), layer.entries["arms"]
    entries = dict(crossed(entries_of(arms.node), entries_of(lookup(layer, "across"))))
    for name, entry in entries.items():
        if isinstance(entry.node, Mapping):
            node = merge(base, entry.node)
            for change in changes:
                node = merge(node, expand(overlay(change.path.split("."), change.node, change.mark)))
            entries[name] = Entry(entry.mark, node)
    return Entry(arms.mark, Mapping(arms.node.mark, entries))


def crossed(arms: dict[str, Entry], across: dict[str, Entry]) -> Iterator[tuple[str, Entry]]:
    """Each arm with each further part laid over it; the arms alone where there is none."""
    if not across:
        yield from arms.items()
    for (name, arm), (other, part) in itertools.product(arms.items(), across.items()):
        gone = is_gone(arm.node) or is_gone(part.node)
        node = Removed(arm.mark) if gone else merge(arm.node, part.node)
        yield crossed_name(name, other), Entry(arm.mark, node)


def _steps(node: Node | None, path: str) -> list[str]:
    """The keys of a dotted path, where keys that are there may hold dots themselves."""
    if not path:
        return []
    known = [key for key in entries_of(node) if f"{path}.".startswith(f"{key}.")]
    key = max(known, key=len, default=path.split(".")[0])
    return [key, *_steps(lookup(node, key), path[len(key) + 1 :])]


def _explained(resolved: Mapping, scale: Scale, valid: Experiment) -> Iterator[Problem]:
    arms = resolved.entries["arms"]
    others = dict(entries_of(arms.node))
    for name, entry in entries_of(arms.node).items():
        if isinstance(entry.node, Mapping):
            others[name] = Entry(entry.mark, Removed(entry.mark))
            if name in valid.arms and not has_null(entry.node):
                continue
            for problem in explain(entry.node, Setting):
                yield within(problem, f"arm {name!r}, scale {scale}")
    rest = resolved.entries | {"arms": Entry(arms.mark, Mapping(arms.mark, others))}
    for problem in explain(Mapping(resolved.mark, rest), Experiment):
        yield within(problem, f"scale {scale}")


def _salvaged(resolved: Mapping) -> Experiment:
    """The valid parts, so that what refers to them can be checked still."""
    return Experiment(
        id="",
        title="",
        paper="",
        arms=_valid(resolved, "arms", Setting),
        factors=_valid(resolved, "factors", Factor),
        metrics=_valid(resolved, "metrics", Metric),
        claims=_valid(resolved, "claims", Claim),
        figures=_valid(resolved, "figures", Figure),
    )


def _valid(resolved: Mapping, section: str, type_: type[_Part]) -> dict[str, _Part]:
    valid: dict[str, _Part] = {}
    for name, entry in entries_of(lookup(resolved, section)).items():
        try:
            valid[name] = msgspec.convert(plain(entry.node), type_)
        except msgspec.ValidationError:
            continue
    return valid


def _factor_overrides(experiment: Experiment, overrides: Variant) -> Iterator[Problem]:
    """The levels of a factor would hide an override of the same setting."""
    for change in overrides.changes:
        for name, factor in experiment.factors.items():
            for path in factor.draws.choices if factor.draws is not None else (factor.at,):
                if f"{change.path}.".startswith(f"{path}."):
                    text = f"factor {name!r} sets {path} to each of its levels"
                    where = "draws.choices" if factor.draws is not None else "values=[...]"
                    yield Problem(change.mark, text, f"override factors.{name}.{where}")
