"""The modules of a pack as files: what they define, read and not run."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from tokenize import TokenError
from typing import NamedTuple

from suite.errors import UserError
from suite.spec.packs.found import Pack
from suite.spec.packs.sources import sources

DYNAMIC = (b"importlib", b"__import__", b"runpy", b"exec(")
"""What a module has in it that may import what cannot be seen by reading it."""


class Definition(NamedTuple):
    """A function or class at the top of a module."""

    file: Path
    node: ast.FunctionDef | ast.ClassDef


def defines(folder: Path, address: str) -> bool:
    """Whether a module of a pack has a name at its top, as far as reading it tells. UserError where it is
    not Python.
    """
    module, _, name = address.partition(":")
    found = file_of(folder, module)
    return found is not None and name in _names(_tree(found))


def definition(folder: Path, address: str) -> Definition | None:
    """The function or class at an address; None where it is not there, or is made in another way, or there
    are several of its name. UserError as of ``defines``.
    """
    module, _, name = address.partition(":")
    file = file_of(folder, module)
    if file is None:
        return None
    tree = _tree(file)
    found = [
        each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name == name
    ]
    others = [each for each in tree.body if each not in found]
    if len(found) != 1 or name in _names(ast.Module(others, [])):
        return None
    return Definition(file, found[0])


def file_of(folder: Path, module: str) -> Path | None:
    """The file of a module of a pack, which is named with dots; None where there is none."""
    path = folder.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def reached(pack: Pack, modules: Iterable[str]) -> frozenset[str]:
    """The files of modules of a pack, and of all that these import of it, by their paths in ``sources``.

    All files where one of them imports by names that it puts together. UserError where one is not Python.
    """
    known = sources(pack)
    found: set[str] = set()
    left = [*modules]
    while left:
        new = set(_files(known, left.pop())) - found
        found |= new
        for path in new:
            if any(word in known[path] for word in DYNAMIC):
                return frozenset(known)
            left += _imported(path, _parsed(pack.folder / path, known[path]))
    return frozenset(found)


def _files(known: Mapping[str, bytes], module: str) -> Iterator[str]:
    """Those that are run when a module is imported: its own, and its packages'."""
    parts = module.split(".")
    stems = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    every = (f"{stem}{ending}" for stem in stems for ending in (".py", "/__init__.py"))
    yield from (path for path in every if path in known)


def _imported(path: str, tree: ast.Module) -> Iterator[str]:
    """Modules that a file imports relatively, and names that may be modules."""
    inside = PurePosixPath(path).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            package = inside[: len(inside) + 1 - node.level]
            base = [*package, *(node.module.split(".") if node.module else [])]
            yield from (".".join([*base, each.name]) for each in node.names)
            if base:
                yield ".".join(base)


def not_python(file: Path, error: Exception) -> UserError:
    """What to raise for a module that cannot be read."""
    line, text = "", str(error)
    match error:
        case SyntaxError(msg=msg, lineno=int(number)):  # Its own text names no file but <unknown>.
            line, text = f", line {number}", msg
        case TokenError(args=(str(msg), (int(number), _))):
            line, text = f", line {number}", msg
    return UserError(f"{file.as_posix()}{line}: not valid Python: {text}\n    mend it, or leave the pack out")


def _names(tree: ast.Module) -> set[str]:
    """Names that a module binds, also under ``if`` and ``try``."""
    found: set[str] = set()
    left: list[ast.AST] = [tree]
    while left:
        match node := left.pop():
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ImportFrom(names=names) | ast.Import(names=names):
                found |= {each.asname or each.name for each in names}
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.AnnAssign(value=None) | ast.Lambda() | ast.comprehension():
                pass  # The first binds nothing, the others have names of their own.
            case _:
                left += ast.iter_child_nodes(node)
    return found


def _tree(file: Path) -> ast.Module:
    return _parsed(file, file.read_bytes())


def _parsed(file: Path, source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise not_python(file, error) from None
