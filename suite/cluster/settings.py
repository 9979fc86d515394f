"""The command line's changes of a profile: ``--set KEY=VALUE``."""

from collections.abc import Iterable, Sequence

from suite.cluster.profile_keys import FIELDS
from suite.spec.nodes import Entry, Mapping, Node, Scalar, Value, lookup, resolve
from suite.spec.nodes import Sequence as Items
from suite.spec.places import Mark, Problem, Source, fail, short


def tree_of(settings: Iterable[str]) -> Mapping:
    """All settings as one tree; UserError where one has no key or value, or is given twice."""
    tree: Node = Mapping(Mark(Source("--set")), {})
    problems: list[Problem] = []
    for word in settings:
        try:
            tree = _laid_over(tree, word)
        except _Refused as refused:
            problems.append(refused.problem)
    if problems:
        fail(problems)
    assert isinstance(tree, Mapping)
    return tree


class _Refused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def _laid_over(tree: Node, word: str) -> Node:
    mark = Mark(Source(f"--set {short(word)}"))
    path, text = _split(word, mark)
    below = lookup(tree, *path)
    if below is None:
        return _with(tree, path, _value(path, text, mark), mark)
    if path != ["setup"]:
        key = ".".join(path)
        raise _Refused(Problem(mark, f"{key} is set twice", "set it once"))
    assert isinstance(below, Items)
    return _with(tree, path, Items(mark, (*below.items, *_lines(text, mark))), mark)


def _with(tree: Node, path: Sequence[str], node: Node, mark: Mark) -> Node:
    # Not merged where one key is, since merging takes a null for a removal.
    if isinstance(tree, Mapping) and len(path) == 1:
        return Mapping(tree.mark, tree.entries | {path[0]: Entry(mark, node)})
    inner = lookup(tree, path[0]) or Mapping(mark, {})
    return _with(tree, path[:1], _with(inner, path[1:], node, mark), mark)


def _split(word: str, mark: Mark) -> tuple[list[str], str]:
    key, equals, text = word.partition("=")
    path = key.strip().split(".", maxsplit=1)
    if not equals or not all(path):
        raise _Refused(Problem(mark, "is not KEY=VALUE", "write for example --set partition=gpu"))
    if path == ["options"]:
        cure = "write for example --set options.constraint=a100"
        raise _Refused(Problem(mark, "options has no value of its own", cure))
    if len(path) == 2 and path[0] != "options":
        cure = f"write --set {path[0]}=..." if path[0] in FIELDS else "only options has keys of its own"
        raise _Refused(Problem(mark, f"{short(path[0])} has no keys of its own", cure))
    if not text.strip() and not _is_text(path):
        cure = f"write --set {key.strip()}=null to take it out of the file" if len(path) == 2 else ""
        raise _Refused(Problem(mark, "has no value", cure))
    return path, text.strip()


def _is_text(path: Sequence[str]) -> bool:
    """Whether nothing at all is a value of this key."""
    return path[0] in FIELDS and isinstance(FIELDS[path[0]].default, str | tuple)


def _value(path: Sequence[str], text: str, mark: Mark) -> Node:
    """Text is taken as it is, without YAML's quotes and commas: shell lines are full of them."""
    if path == ["setup"]:
        return Items(mark, _lines(text, mark))
    if _is_text(path):
        return Scalar(mark, text, text)
    value = _resolved(text)
    if len(path) == 2 and not isinstance(value, bool | None) and str(value) != text:
        value = text
    return Scalar(mark, value, text)


def _lines(text: str, mark: Mark) -> tuple[Node, ...]:
    return (Scalar(mark, text, text),) if text else ()


def _resolved(text: str) -> Value:
    try:
        return resolve(text)
    except ValueError:
        return text
