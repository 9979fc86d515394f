"""One mapping laid over another, places kept.

Mappings merge key by key. A mapping whose ``kind`` differs from the one below
starts anew. Lists and scalars replace, and ``null`` removes a key.
"""

from collections.abc import Sequence as Items
from typing import Final

from suite.spec.nodes import Entry, Mapping, Node, Removed, Scalar, Sequence
from suite.spec.places import Mark

KIND_KEYS: Final = frozenset(
    {"data", "generator", "critic", "constraint", "optimizer", "generator_optimizer", "initialization"}
)
"""The keys of a setting whose value has a ``kind``, and may be written as that alone."""
PACKED_KEYS: Final = frozenset({"data", "generator", "critic", "loss", "constraint"})
"""The keys whose value may be of a pack, and written as ``pack/name`` alone."""


def merge(below: Node | None, above: Node) -> Node:
    """``above`` laid over ``below``."""
    if isinstance(above, Removed):
        return above if below is None else below
    if is_null(above):
        return above if below is None or is_null(below) else Removed(above.mark)
    if isinstance(above, Mapping) and isinstance(below, Mapping) and not _starts_anew(below, above):
        return _merged(below, above)
    return above


def _merged(below: Mapping, above: Mapping) -> Mapping:
    entries = dict(below.entries)
    for key, entry in above.entries.items():
        old = entries.get(key)
        entries[key] = entry if old is None else Entry(entry.mark, merge(old.node, entry.node))
    return Mapping(below.mark, entries)


def _starts_anew(below: Mapping, above: Mapping) -> bool:
    old, new = kind_of(below), kind_of(above)
    return old is not None and new is not None and (old != new or _use_of(below) != _use_of(above))


def _use_of(node: Mapping) -> object:
    """What of a pack it is, None where it is of none."""
    entry = node.entries.get("use")
    return entry.node.value if entry is not None and isinstance(entry.node, Scalar) else None


def kind_of(node: Mapping) -> object:
    """The value of a mapping's ``kind``, None where it has none."""
    entry = node.entries.get("kind")
    return entry.node.value if entry is not None and isinstance(entry.node, Scalar) else None


def is_null(node: Node) -> bool:
    """Whether this is a written ``null``, or nothing at all."""
    return isinstance(node, Scalar) and node.value is None


def expand(node: Node) -> Node:
    """A setting with each plain string that stands for ``{kind: string}`` written out."""
    if not isinstance(node, Mapping):
        return node
    entries = {key: Entry(entry.mark, _kinded(key, entry.node)) for key, entry in node.entries.items()}
    return Mapping(node.mark, entries)


def _kinded(key: str, node: Node) -> Node:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if key in PACKED_KEYS and "/" in node.value:
            kind = Scalar(node.mark, "pack", "pack")
            return Mapping(node.mark, {"kind": Entry(node.mark, kind), "use": Entry(node.mark, node)})
        if key in KIND_KEYS:
            return Mapping(node.mark, {"kind": Entry(node.mark, node)})
    return expand(node)


def overlay(path: Items[str], node: Node, mark: Mark) -> Node:
    """The mapping of mappings that sets ``path`` to ``node``, its keys placed at ``mark``."""
    for key in reversed(path):
        node = Mapping(mark, {key: Entry(mark, node)})
    return node


def plain(node: Node) -> object:
    """The bare value; keys without a value are left out."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: plain(entry.node) for key, entry in node.entries.items() if not is_gone(entry.node)}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return None


def is_gone(node: Node) -> bool:
    """Whether a key with this value counts as absent."""
    return isinstance(node, Removed) or is_null(node)


def has_null(node: Node) -> bool:
    """Whether a ``null`` is left that removed nothing."""
    if isinstance(node, Mapping):
        return any(has_null(entry.node) for entry in node.entries.values())
    return is_null(node)


def from_plain(value: object, mark: Mark) -> Node:
    """The tree of a bare value, all of it placed at ``mark``."""
    if isinstance(value, dict):
        return Mapping(mark, {key: Entry(mark, from_plain(item, mark)) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return Sequence(mark, tuple(from_plain(item, mark) for item in value))
    assert value is None or isinstance(value, bool | int | float | str)
    return Scalar(mark, value, str(value))
