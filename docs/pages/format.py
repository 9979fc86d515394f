"""The page on the format of experiment files, made from the classes of the format and their docstrings."""

import ast
import inspect
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

import suite.spec.layout as layout
from suite.spec import schema
from suite.spec.quantities import QUANTITIES
from suite.spec.schema.frozen import Frozen, Kind

FOLDER: Final = Path(inspect.getfile(schema)).parent
SOURCES: Final = (*sorted(FOLDER.glob("*.py")), Path(inspect.getfile(layout)))
SECTIONS: Final = {
    "The file": ["File", "Layer", "Scales", "Borrowed"],
    "A setting": ["Setting", "Averaging", "Orthogonal", "Freeze"],
    "Data": ["Data"],
    "Generators": ["Generator"],
    "Critics": ["Critic"],
    "Losses": ["Loss"],
    "Constraints": ["Constraint"],
    "Optimisers": ["Optimizer"],
    "Initialisations": ["Initialization"],
    "Labels": ["Auxiliary"],
    "Probes": ["Probes"],
    "Factors": ["Factor", "Draws", "Range"],
    "Metrics": ["Metric"],
    "Claims": ["Claim", "Control"],
    "Figures": ["Figure"],
    "The paper": ["Paper"],
}
"""Headings, and the classes below them; a union is all its kinds, and Probes each probe."""
NOT_SHOWN: Final = frozenset({"Experiment", "Images", "Packed", "Frozen", "Kind"})
"""Classes that no file has: what a file becomes, and bases."""
SHARED: Final = {
    "points": "At how many evenly spaced iterations after the start it measures; 0: at the end alone.",
    "samples": "How many samples it looks at.",
    "width": "Filters, at the level next to the picture.",
    "latent": "Dimensions of the noise.",
    "layers": "Number of linear layers, the output layer included.",
    "activation": "Between the layers.",
    "normalization": "Between the layers.",
    "initialization": "What the weights are before training.",
    "labels": "How the label of an image enters.",
    "spectral": "Every weight divided by its largest singular value.",
    "lr": "The rate.",
    "eps": "Added to the denominator.",
    "length": "Characters of a line.",
    "use": "What a pack brings, as `pack/name`.",
    "options": "Of what the pack brings; one that is not given is as the pack declares it.",
}
"""What a key means that many mappings have, where its class does not say more."""
UNITS: Final = {"MLPGenerator": "Units of a hidden layer.", "MLPCritic": "Units of a hidden layer."}
WORDS: Final = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}


class Field(NamedTuple):
    """A key of a mapping."""

    name: str
    type: ast.expr
    default: Any
    """``msgspec.NODEFAULT`` where the key is required."""
    says: str


class Named(NamedTuple):
    """A name for a type, such as ``Count``."""

    value: ast.expr
    says: str


def page() -> str:
    """Everything below the page's introduction."""
    parts = [_section(title, names) for title, names in _sections().items()]
    return "\n\n".join([*parts, _quantities(), _words()]) + "\n"


def shown() -> list[str]:
    """The classes of the page, in its order."""
    return [each for names in _sections().values() for name in names for each in _expanded(name)]


@cache
def _sections() -> dict[str, list[str]]:
    """Those above, and what has no place in them yet."""
    placed = {each for names in SECTIONS.values() for name in names for each in _expanded(name)}
    rest = [name for name in _mappings() if name not in placed | NOT_SHOWN]
    return {**SECTIONS, "Other mappings": rest} if rest else SECTIONS


def _mappings() -> list[str]:
    found = ((name, each) for name, each in vars(schema).items() if isinstance(each, type))
    return [name for name, each in found if issubclass(each, Frozen)]


def _section(title: str, names: list[str]) -> str:
    classes = [each for name in names for each in _expanded(name)]
    return "\n\n".join([f"## {title}", *filter(None, map(_beside, names)), *map(_mapping, classes)])


def _beside(name: str) -> str:
    """Of a union that is not of mappings alone: the words that it has beside them."""
    parts = _alternatives(_aliases()[name].value) if name in _aliases() else []
    words = [
        part for part in parts if ast.unparse(part) in _aliases() and not list(_expanded(ast.unparse(part)))
    ]
    return f"{' or '.join(map(_type, words))}, or a mapping:" if words else ""


def _expanded(name: str) -> Iterator[str]:
    """The classes of a union, and of Probes the probes after it."""
    if name in _aliases():
        if _is_mappings(_aliases()[name].value):
            for part in _alternatives(_aliases()[name].value):
                yield from _expanded(ast.unparse(part))
        return
    yield name
    if name == "Probes":
        yield from (_named(field.type) for field in fields(_class(name)))


def _named(type_: ast.expr) -> str:
    """The class of a key's values, or of what its mapping holds."""
    first = _alternatives(type_)[0]
    match first:
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[_, value])):
            return _named(value)
    return ast.unparse(first)


def _mapping(name: str) -> str:
    found = _class(name)
    own = fields(found)
    about = _text(inspect.getdoc(found) or "")
    return "\n\n".join([f"### {_title(name)}", about, *([_table(own)] if own else ["No further keys."])])


def _title(name: str) -> str:
    """``kind: mlp`` (MLPCritic), or the name of the class."""
    found = _class(name)
    tag = found.__struct_config__.tag if issubclass(found, Kind) else None
    return f"{name}: kind `{tag}`" if tag else name


def _table(own: list[Field]) -> str:
    rows = [f"| `{x.name}` | {_type(x.type)} | {_default(x)} | {_cell(x.says)} |" for x in own]
    return "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows])


@cache
def fields(found: type[Frozen]) -> list[Field]:
    """The keys of a mapping with their meaning, those of its base classes first."""
    written: dict[str, tuple[ast.expr, str]] = {}
    for base in reversed(found.__mro__):
        written |= _written().get(base.__name__, {})
    return [_field(found, each, *written[each.name]) for each in msgspec.structs.fields(found)]


def _field(found: type[Frozen], own: msgspec.structs.FieldInfo, type_: ast.expr, says: str) -> Field:
    return Field(own.encode_name, type_, _of(own), says or _meaning(found, own.name, type_))


def _of(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


def _meaning(found: type[Frozen], name: str, type_: ast.expr) -> str:
    """Of a field without a docstring: what all keys of this name mean, or else what its class says."""
    if name == "width" and found.__name__ in UNITS:
        return UNITS[found.__name__]
    if name in SHARED:
        return SHARED[name]
    inner = _named(type_)
    return inspect.getdoc(_class(inner)) or "" if hasattr(schema, inner) else ""


@cache
def _written() -> dict[str, dict[str, tuple[ast.expr, str]]]:
    """By class, each field's annotation and docstring, as they are written."""
    return {
        node.name: {
            each.target.id: (each.annotation, _after(node.body, index))
            for index, each in enumerate(node.body)
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        }
        for body in _bodies()
        for node in body
        if isinstance(node, ast.ClassDef)
    }


@cache
def _aliases() -> dict[str, Named]:
    """Names that are given to types, with the docstring behind them."""
    return {
        node.targets[0].id: Named(node.value, _after(body, index))
        for body in _bodies()
        for index, node in enumerate(body)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id[0].isupper()
    }


@cache
def _bodies() -> list[list[ast.stmt]]:
    return [ast.parse(path.read_text(encoding="utf-8")).body for path in SOURCES]


def _after(body: list[ast.stmt], index: int) -> str:
    """The docstring behind a statement."""
    match body[index + 1 : index + 2]:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text
    return ""


def _class(name: str) -> type[Frozen]:
    found: type[Frozen] = getattr(schema, name, None) or getattr(layout, name)
    return found


def _alternatives(node: ast.expr) -> list[ast.expr]:
    """The parts of ``A | B``, without those that only say that a key may be missing."""
    if isinstance(node, ast.BinOp):
        parts = [*_alternatives(node.left), *_alternatives(node.right)]
        return [part for part in parts if ast.unparse(part) not in ("None", "UnsetType")]
    return [node]


def _type(node: ast.expr) -> str:
    """A type in words, with links to what is described elsewhere on the page."""
    return " or ".join(map(_one_type, _alternatives(node)))


def _one_type(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return WORDS.get(name) or f"[{name}](#{_place(name)})"
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return ", ".join(f"`{ast.literal_eval(value)}`" for value in values)
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, value])):
            return f"mapping from {_type(key)} to {_type(value)}"
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=[inner, ast.Constant()])):
            return f"list of {_type(inner)}"
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=several)):
            return "list of " + " and ".join(map(_type, several))
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, meta])):
            return f"{_type(inner)}{_bounds(meta)}"
    raise NotImplementedError(ast.unparse(node))


def _bounds(meta: ast.expr) -> str:
    """The limits in ``Meta(ge=1)``, in words."""
    told = {
        "ge": "at least",
        "gt": "above",
        "le": "at most",
        "lt": "below",
        "min_length": "at least so many:",
    }
    found = {each.arg: each.value for each in meta.keywords} if isinstance(meta, ast.Call) else {}
    limits = [f"{words} {_number(found[key])}" for key, words in told.items() if key in found]
    if "description" in found:
        limits = [str(ast.literal_eval(found["description"])).removeprefix("a name of ")]
    return f" ({', '.join(limits)})" if limits else ""


def _number(node: ast.expr) -> str:
    value = eval(ast.unparse(node), {})  # noqa: S307  A number of the format's own source, such as 10**9.
    return f"{value:,}"


def _place(name: str) -> str:
    """The anchor of a class, a union's section, or a word."""
    for title, names in SECTIONS.items():
        if name in names and name in _aliases():
            return _anchor(title)
    inside = [title for title, names in SECTIONS.items() if name in _unions(names)]
    if inside:
        return _anchor(inside[0])
    return _anchor(_title(name)) if name in shown() else _anchor(name)


def _unions(names: list[str]) -> set[str]:
    """The unions that a union is made of."""
    found: set[str] = set()
    for name in (name for name in names if name in _aliases()):
        parts = {ast.unparse(part) for part in _alternatives(_aliases()[name].value)} & _aliases().keys()
        unions = {part for part in parts if _is_mappings(_aliases()[part].value)}
        found |= unions | _unions(sorted(unions))
    return found


def _anchor(heading: str) -> str:
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.strip().replace(" ", "-")


def _default(field: Field) -> str:
    if field.default is msgspec.NODEFAULT:
        return "required"
    if field.default in (None, msgspec.UNSET):
        return "none"
    value = msgspec.to_builtins(field.default)
    if isinstance(field.default, Kind):
        return f"`{value['kind']}`" if len(value) == 1 else f"`{json.dumps(value)}`"
    if isinstance(field.default, Frozen):
        return "its own defaults"
    return "empty" if value in ("", {}, [], ()) else f"`{json.dumps(value)}`"


def _quantities() -> str:
    rows = [f"| `{p}.{name}` | {says} |" for p, all_ in QUANTITIES.items() for name, says in all_.items()]
    about = "A metric's `series`, and the `y` of figures that draw series. `losses` is always recorded."
    return "\n".join([f"## What probes write\n\n{about}\n", "| series | meaning |\n|---|---|", *rows])


def _words() -> str:
    """The names of types that are no mapping: numbers, names, choices."""
    unions = {name for names in SECTIONS.values() for name in names} | {
        union for names in SECTIONS.values() for union in _unions(names)
    }
    parts = [
        "\n\n".join([f"### {name}", f"{_type(named.value)}.", *([_text(named.says)] if named.says else [])])
        for name, named in sorted(_aliases().items())
        if name not in unions and not _is_mappings(named.value)
    ]
    return "## Words and numbers\n\n" + "\n\n".join(parts)


def _is_mappings(value: ast.expr) -> bool:
    """Whether a name is a union of classes, or no type at all."""
    if isinstance(value, (ast.Tuple, ast.List, ast.Dict, ast.Constant)):
        return True
    return all(isinstance(part, ast.Name) and hasattr(schema, part.id) for part in _alternatives(value))


def _text(docstring: str) -> str:
    """A docstring as Markdown: its ``names`` in single quotes of code."""
    return inspect.cleandoc(docstring).replace("``", "`").replace("|", chr(92) + "|")


def _cell(text: str) -> str:
    return " ".join(_text(text).split())
