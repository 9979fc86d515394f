"""Every mistake of a positioned tree against the vocabulary, with what would be legal.

msgspec decides whether a tree is valid and stops at the first mistake. This walk
over the same types finds all of them, each at its own place.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Literal

from msgspec import inspect
from msgspec.inspect import (
    BoolType,
    DictType,
    FloatType,
    IntType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    TupleType,
    Type,
    UnionType,
    VarTupleType,
)

from suite.spec import schema
from suite.spec.layout import Layer
from suite.spec.merge import is_gone, is_null, kind_of
from suite.spec.nodes import Mapping, Node, Removed, Scalar, Sequence, resolve
from suite.spec.places import Mark, Problem, advice, nearest, short

Mode = Literal["whole", "file", "part"]
"""Whether missing keys are mistakes: always, outside what is merged later, or never."""


def explain(node: Node, type_: type, mode: Mode = "whole") -> Iterator[Problem]:
    """The mistakes of ``node`` as a value of ``type_``."""
    return _walk(node, _type_info(type_), "", mode)


_type_info = lru_cache(inspect.type_info)


def _walk(node: Node, kind: Type, path: str, mode: Mode) -> Iterator[Problem]:
    kind = _of_shape(_bare(kind), node)
    branches = _branches(kind)
    if branches:
        yield from _branch(node, branches, path, mode)
    elif isinstance(kind, DictType):
        yield from _dict(node, kind, path, mode)
    elif isinstance(kind, TupleType | VarTupleType) and isinstance(node, Sequence):
        yield from _items(node, kind, path, mode)
    elif not _fits(node, kind):
        yield _wrong(node, kind, path)


def _bare(kind: Type) -> Type:
    """The type without None, which is written by leaving the key out."""
    if isinstance(kind, UnionType):
        rest = tuple(part for part in kind.types if not isinstance(part, NoneType))
        return rest[0] if len(rest) == 1 else UnionType(rest)
    return kind


def _of_shape(kind: Type, node: Node) -> Type:
    """Of a union that has lists, free mappings or words in it, the part with the node's own shape."""
    if not isinstance(kind, UnionType) or not any(isinstance(part, _FREE) for part in kind.types):
        return kind
    shapes: dict[type, tuple[type, ...]] = {
        Sequence: (TupleType, VarTupleType),
        Mapping: (DictType, StructType),
        Scalar: (LiteralType,),
    }
    wanted = shapes.get(type(node), ())
    return next((part for part in kind.types if isinstance(part, wanted)), kind)


_FREE = (TupleType, VarTupleType, DictType, LiteralType)


def _branches(kind: Type) -> tuple[StructType, ...]:
    parts = kind.types if isinstance(kind, UnionType) else (kind,)
    return tuple(part for part in parts if isinstance(part, StructType))


def _branch(node: Node, branches: tuple[StructType, ...], path: str, mode: Mode) -> Iterator[Problem]:
    """Only the branch that ``kind`` selects is of interest."""
    if not isinstance(node, Mapping):
        yield Problem(node.mark, f"{path or 'this'} must be a mapping, not {_found(node)}")
        return
    kinds = {str(branch.tag): branch for branch in branches if branch.tag is not None}
    chosen = kind_of(node)
    if not kinds or (len(branches) == 1 and _absent(node, "kind")):
        yield from _struct(node, branches[0], path, mode)
    elif chosen in kinds:
        yield from _struct(node, kinds[str(chosen)], path, mode)
    elif not _absent(node, "kind"):
        yield _unknown_kind(node, kinds, path)
    else:
        yield from _without_kind(node, branches, path, mode)


def _unknown_kind(node: Mapping, kinds: dict[str, StructType], path: str) -> Problem:
    # Here, since what packs say is explained by this module, too.
    from suite.spec.packs.meant import written_out

    kind = node.entries["kind"].node
    packed = written_out(path, _word(kind), node.entries) or _of_pack(path, _word(kind), kinds)
    cure = packed or advice(_word(kind), kinds, "legal kinds")
    return Problem(kind.mark, f"unknown kind {_found(kind)} of {path}", cure)


def _of_pack(path: str, word: str, own: Collection[str]) -> str:
    """The cure for a word that is rather the name of something that a pack brings."""
    from suite.spec.packs.meant import meant

    found = meant(path, word, own)
    return f"did you mean {found!r}? what a pack brings is named with the pack" if found else ""


def _without_kind(
    node: Mapping, branches: tuple[StructType, ...], path: str, mode: Mode
) -> Iterator[Problem]:
    legal = {key for branch in branches for key in _legal(branch)}
    yield from _unknown_keys(node, legal, path)
    if mode == "whole" and nearest("kind", node.entries.keys() - legal) == "":
        kinds = ", ".join(sorted(str(branch.tag) for branch in branches))
        yield _missing(node.mark, ["kind"], path, f"legal kinds: {kinds}")


def _struct(node: Mapping, kind: StructType, path: str, mode: Mode) -> Iterator[Problem]:
    if kind.cls in (schema.Setting, Layer):
        path = ""
        mode = "part" if mode == "file" else mode
    legal = _legal(kind)
    yield from _unknown_keys(node, legal, path)
    if mode != "part":
        yield from _missing_keys(node, kind, path)
    for field in kind.fields:
        entry = node.entries.get(field.encode_name)
        if entry is not None and not is_gone(entry.node):
            yield from _walk(entry.node, field.type, _join(path, field.encode_name), mode)


def _legal(kind: StructType) -> set[str]:
    tag = {kind.tag_field} if kind.tag_field else set()
    return {field.encode_name for field in kind.fields} | tag


def _unknown_keys(node: Mapping, legal: set[str], path: str) -> Iterator[Problem]:
    for key, entry in node.entries.items():
        if key not in legal and not isinstance(entry.node, Removed):
            text = f"unknown key {short(key)}{_in(path)}"
            yield Problem(entry.mark, text, advice(key, legal, "legal keys"), about="unknown")


def _missing_keys(node: Mapping, kind: StructType, path: str) -> Iterator[Problem]:
    """A missing key that an unknown key was meant to be is not mentioned again."""
    missing = {
        field.encode_name: field.type
        for field in kind.fields
        if field.required and _absent(node, field.encode_name)
    }
    legal = _legal(kind)
    for meant in {nearest(key, legal) for key in node.entries if missing and key not in legal}:
        missing.pop(meant, None)
    if missing:
        what = "; ".join(f"{key}: {_legal_value(type_)}" for key, type_ in missing.items())
        yield _missing(node.mark, list(missing), path, f"add {what}")


def _absent(node: Mapping, key: str) -> bool:
    return key not in node.entries or is_gone(node.entries[key].node)


def _missing(mark: Mark, keys: list[str], path: str, cure: str) -> Problem:
    names = ", ".join(repr(key) for key in keys)
    text = f"missing key{'s' if len(keys) > 1 else ''} {names}{_in(path)}"
    return Problem(mark, text, cure, about="missing")


def _dict(node: Node, kind: DictType, path: str, mode: Mode) -> Iterator[Problem]:
    if not isinstance(node, Mapping):
        yield Problem(node.mark, f"{path} must be a mapping, not {_found(node)}")
        return
    for key, entry in node.entries.items():
        if not _fits(Scalar(entry.mark, key), kind.key_type):
            yield Problem(entry.mark, f"{short(key)}{_in(path)} must be {_legal_value(kind.key_type)}")
        if not is_gone(entry.node):
            yield from _walk(entry.node, kind.value_type, _join(path, key), mode)
        elif is_null(entry.node) and mode != "part":
            others = [name for name in node.entries if name != key]
            yield nothing_removed(entry.mark, key, path, others)


def nothing_removed(mark: Mark, key: str, path: str, known: Collection[str]) -> Problem:
    """A ``null`` for a key that is not among the known ones of its mapping."""
    text = f"null removes {short(key)}{_in(path)}, which is not there"
    cure = f"{advice(key, known, 'there are')}; an empty mapping is written {{}}"
    return Problem(mark, text, cure)


def _items(node: Sequence, kind: TupleType | VarTupleType, path: str, mode: Mode) -> Iterator[Problem]:
    if not _fits_length(node, kind):
        yield _wrong(node, kind, path)
        return
    types = kind.item_types if isinstance(kind, TupleType) else (kind.item_type,) * len(node.items)
    for number, (item, type_) in enumerate(zip(node.items, types, strict=True)):
        yield from _walk(item, type_, f"{path}[{number}]", mode)


def _fits_length(node: Sequence, kind: TupleType | VarTupleType) -> bool:
    if isinstance(kind, TupleType):
        return len(node.items) == len(kind.item_types)
    return len(node.items) >= (kind.min_length or 0)


def _fits(node: Node, kind: Type) -> bool:
    if isinstance(kind, Metadata):
        return _fits(node, kind.type)
    if isinstance(kind, UnionType):
        return any(_fits(node, part) for part in kind.types)
    return isinstance(node, Scalar) and _fits_scalar(node.value, kind)


def _fits_scalar(value: object, kind: Type) -> bool:
    if isinstance(kind, LiteralType):
        return not isinstance(value, bool) and value in kind.values
    if isinstance(kind, BoolType):
        return isinstance(value, bool)
    if isinstance(kind, StrType):
        return isinstance(value, str) and _fits_text(value, kind)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(kind, IntType):
        return isinstance(value, int) and _fits_bounds(value, kind)
    return isinstance(kind, FloatType) and _fits_bounds(value, kind)


def _fits_text(value: str, kind: StrType) -> bool:
    if kind.max_length is not None and len(value) > kind.max_length:
        return False
    return kind.pattern is None or re.search(kind.pattern, value) is not None


def _fits_bounds(value: float, kind: IntType | FloatType) -> bool:
    return (
        (kind.gt is None or value > kind.gt)
        and (kind.ge is None or value >= kind.ge)
        and (kind.lt is None or value < kind.lt)
        and (kind.le is None or value <= kind.le)
    )


def _wrong(node: Node, kind: Type, path: str) -> Problem:
    text = f"{path} must be {_legal_value(kind)}, not {_found(node)}"
    own = [str(value) for value in kind.values] if isinstance(kind, LiteralType) else []
    return Problem(node.mark, text, _of_pack(path, _word(node), own) or _cure(node, kind))


def _cure(node: Node, kind: Type) -> str:
    if not isinstance(node, Scalar):
        return ""
    if isinstance(kind, LiteralType):
        match = nearest(_word(node), [str(value) for value in kind.values])
        return f"did you mean {match!r}?" if match else ""
    for text in _rewritings(node):
        if _reads_as(text, kind):
            return f"write {text}"
    if isinstance(node.value, int | float) and _fits(Scalar(node.mark, node.text), kind):
        return f'write "{node.text}" in quotes'
    return ""


def _reads_as(text: str, kind: Type) -> bool:
    try:
        return _fits_scalar(resolve(text), kind)
    except ValueError:
        return False


def _rewritings(node: Scalar) -> Iterator[str]:
    """Numbers the writer may have meant: 1_000, '64' and 1e5 for a whole number."""
    if isinstance(node.value, str) and re.fullmatch(r"[-+.0-9_eE]{1,18}", node.value):
        yield node.value.replace("_", "")
    if isinstance(node.value, float) and node.value.is_integer() and abs(node.value) < 2**53:
        yield str(int(node.value))


def _legal_value(kind: Type) -> str:
    kind = _bare(kind)
    branches = _branches(kind)
    if branches:
        words = [part for part in getattr(kind, "types", ()) if isinstance(part, LiteralType)]
        return " or ".join([*map(_legal_value, words), _legal_mapping(branches)])
    if isinstance(kind, Metadata):
        return str((kind.extra_json_schema or {}).get("description", ""))
    if isinstance(kind, LiteralType):
        return f"one of {', '.join(str(value) for value in kind.values)}"
    if isinstance(kind, BoolType):
        return "true or false"
    if isinstance(kind, IntType | FloatType):
        return _legal_number(kind)
    if isinstance(kind, UnionType):
        return " or ".join(_legal_value(part) for part in kind.types)
    if isinstance(kind, TupleType | VarTupleType):
        return _legal_list(kind)
    return "text" if isinstance(kind, StrType) else "a mapping"


def _legal_mapping(branches: tuple[StructType, ...]) -> str:
    if branches[0].cls is Layer:
        return "a mapping, {} where nothing changes"
    if branches[0].tag is not None:
        return f"a mapping of kind {' or '.join(sorted(str(branch.tag) for branch in branches))}"
    return "a mapping"


def _legal_number(kind: IntType | FloatType) -> str:
    noun = "a whole number" if isinstance(kind, IntType) else "a number"
    words = {"above": kind.gt, "of at least": kind.ge, "below": kind.lt, "of at most": kind.le}
    bounds = [f"{word} {bound:.15g}" for word, bound in words.items() if bound is not None]
    return " ".join([noun, " and ".join(bounds)]).rstrip().replace(" and of ", " and ")


def _legal_list(kind: TupleType | VarTupleType) -> str:
    if isinstance(kind, TupleType):
        return f"a list of {len(kind.item_types)}, each {_legal_value(kind.item_types[0])}"
    at_least = f" of at least {kind.min_length}" if kind.min_length else ""
    return f"a list{at_least}, each {_legal_value(kind.item_type)}"


def _found(node: Node) -> str:
    if isinstance(node, Scalar):
        return short(node.value) if isinstance(node.value, str) else node.text or "nothing"
    return f"a list of {len(node.items)}" if isinstance(node, Sequence) else "a mapping"


def _word(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _in(path: str) -> str:
    return f" in {path}" if path else ""
