"""Whether functions and classes of packs take what they are called with, as their files tell."""

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from suite.spec.packs.declaration import Section

HANDED: Final[Mapping[Section, tuple[str, ...]]] = {
    "generators": ("latent", "shape"),
    "critics": ("shape",),
    "probes": ("view", "spec"),
    "metrics": ("series",),
    "figures": ("evidence", "figure"),
}
"""What stands before the options in a call, by section; nothing of the others."""


def mismatches(
    node: ast.FunctionDef | ast.ClassDef, section: Section, options: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What does not fit and its cure; nothing where a file does not tell."""
    taken = _arguments(node)
    if taken is None:
        return
    handed = HANDED.get(section, ())
    placed = [*taken.posonlyargs, *taken.args]
    if len(placed) < len(handed) and taken.vararg is None:
        yield f"must take {', '.join(handed)} before its options", "it is called with these"
        return
    named = {each.arg for each in [*taken.args, *taken.kwonlyargs]} - {e.arg for e in placed[: len(handed)]}
    for name in options:
        if name not in named and taken.kwarg is None:
            yield f"does not take its option {name!r}", "add it as a keyword, or take it out of options"
    for name in _needed(taken, len(handed)):
        if name not in options:
            yield (
                f"needs {name!r}, which is no option of it",
                "give it a value there, or make it an option",
            )


def _arguments(node: ast.FunctionDef | ast.ClassDef) -> ast.arguments | None:
    """Those of a call; None where a decorator or another class may have changed them."""
    if node.decorator_list:
        return None
    if isinstance(node, ast.FunctionDef):
        return node.args
    own = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
    if len(own) == 1 and not own[0].decorator_list and not node.keywords:
        return _without_self(own[0].args)
    return None


def _without_self(found: ast.arguments) -> ast.arguments:
    posonly, plain = found.posonlyargs[1:], found.args if found.posonlyargs else found.args[1:]
    return ast.arguments(
        posonly, plain, found.vararg, found.kwonlyargs, found.kw_defaults, found.kwarg, found.defaults
    )


def _needed(taken: ast.arguments, handed: int) -> list[str]:
    """The names behind those that are handed over, of what has no value by itself."""
    placed = [*taken.posonlyargs, *taken.args]
    bare = placed[handed : len(placed) - len(taken.defaults)]
    by_name = zip(taken.kwonlyargs, taken.kw_defaults, strict=True)
    return [each.arg for each in [*bare, *(each for each, default in by_name if default is None)]]
