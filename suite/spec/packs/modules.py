"""The modules of a pack as files: what they define, read and not run."""

import ast
from pathlib import Path

from suite.errors import UserError


def defines(folder: Path, address: str) -> bool:
    """Whether a module of a pack has a name at its top, as far as reading it tells. UserError where it is
    not Python.
    """
    module, _, name = address.partition(":")
    path = folder.joinpath(*module.split("."))
    found = next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)
    return found is not None and name in _names(found)


def not_python(file: Path, error: Exception) -> UserError:
    """What to raise for a module that cannot be read."""
    return UserError(f"{file.as_posix()}: not valid Python: {error}\n    mend it, or leave the pack out")


def _names(file: Path) -> set[str]:
    """Names that a module binds, also under ``if`` and ``try``."""
    found: set[str] = set()
    left: list[ast.AST] = [_tree(file)]
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
    try:
        return ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise not_python(file, error) from None
