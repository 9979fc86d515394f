"""Small changes of a module's code, each of which some test should notice.

Comparisons, arithmetic, constants, conditions, calls of min and max, arguments and statements are changed,
one at a time. Left alone: text, annotations, decorators, and the defaults of a class's fields.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
FUNCTIONS = {"min": "max", "any": "all"}
METHODS = FUNCTIONS | {"minimum": "maximum", "clamp_min": "clamp_max", "amin": "amax", "argmin": "argmax"}
METHODS |= {"floor": "ceil", "zeros": "ones", "zeros_like": "ones_like", "mean": "sum"}
FUNCTIONS, METHODS = ({**each, **{to: of for of, to in each.items()}} for each in (FUNCTIONS, METHODS))
SYMMETRIC = {"min", "max", "minimum", "maximum", "isclose", "transpose"}
SYMMETRIC |= {"turned_number", "rank_correlation", "mann_whitney_counts", "union1d", "js"}
SYMMETRIC |= {"clip", "equal", "of_metric", "parting", "deviation", "is_identical", "other_metrics"}
"""Functions whose first two arguments may be swapped."""
NOT_MUTATED = {"annotation", "returns", "decorator_list"}


class Place(NamedTuple):
    """Where a node hangs in its tree."""

    parent: ast.AST
    field: str
    index: int | None

    def put(self, node: ast.AST) -> None:
        """Hang ``node`` there instead."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


class Around(NamedTuple):
    """What a node is in: the outermost function ('' outside of any) and the statement."""

    function: str = ""
    statement: ast.stmt | None = None


class Mutant(NamedTuple):
    """One change of one module."""

    module: str
    around: Around
    before: str
    after: str
    again: int
    """The how many-th of the same change in the same function, from 1."""
    tree: ast.Module
    place: Place
    old: ast.AST
    new: ast.AST

    @property
    def name(self) -> str:
        """Stays as it is when lines move."""
        again = f" ({self.again})" if self.again > 1 else ""
        return f"{self.module}:{self.around.function}: {self.before} -> {self.after}{again}"

    @property
    def lines(self) -> range:
        """Of the statement, without the block under it; of a function's defaults, all of the function."""
        statement = self.around.statement
        assert statement is not None
        if isinstance(statement, ast.FunctionDef):
            return range(statement.lineno, (statement.end_lineno or 0) + 1)
        body = getattr(statement, "body", getattr(statement, "cases", None))
        last = body[0].pattern.lineno if isinstance(statement, ast.Match) else body[0].lineno if body else 0
        end = max(last - 1, statement.lineno) if body else statement.end_lineno or statement.lineno
        return range(statement.lineno, end + 1)

    def code(self) -> CodeType:
        """The module with the change."""
        self.place.put(self.new)
        try:
            return compile(ast.fix_missing_locations(self.tree), str(source_of(self.module)), "exec")
        finally:
            self.place.put(self.old)


def source_of(module: str) -> Path:
    """The file of a module of the suite."""
    return ROOT / f"{module.replace('.', '/')}.py"


def mutants_of(module: str) -> list[Mutant]:
    """Every change of a module."""
    tree, seen = ast.parse(source_of(module).read_text()), Counter[tuple[str, str, str]]()
    found = []
    for place, node, around in _walk(tree, Around()):
        for new in _changes(node, place):
            before, after = _texts(place, node, new)
            seen[around.function, before, after] += 1
            again = seen[around.function, before, after]
            found.append(Mutant(module, around, before, after, again, tree, place, node, new))
    return found


def _walk(node: ast.AST, around: Around, outer: str = "") -> Iterator[tuple[Place, ast.AST, Around]]:
    """Everything below a node that may be changed."""
    for place, child in _children(node):
        if place.field in NOT_MUTATED or (isinstance(node, ast.ClassDef) and place.field != "body"):
            continue
        if isinstance(child, ast.ClassDef):
            yield from _walk(child, around, f"{child.name}.")
        elif isinstance(child, ast.FunctionDef):
            yield from _walk(child, Around(around.function or outer + child.name, child))
        elif not (outer and isinstance(child, ast.stmt)) and not _is_the_script(child):
            here = Around(around.function, child) if isinstance(child, ast.stmt) else around
            yield place, child, here
            yield from _walk(child, here)


def _children(node: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield Place(node, field, None), value
        elif isinstance(value, list):
            yield from ((Place(node, field, i), v) for i, v in enumerate(value) if isinstance(v, ast.AST))


def _is_the_script(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _changes(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    yield from _expressions(node) if isinstance(node, ast.expr) else _statements(node)
    if place.field == "test" and not isinstance(node, (ast.Compare, ast.UnaryOp)):
        yield ast.UnaryOp(ast.Not(), node)
    if place.field == "ifs":
        yield ast.Constant(True)


def _expressions(node: ast.expr) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left, [operator], right):
            yield from (ast.Compare(left, [other()], right) for other in COMPARISONS[type(operator)])
        case ast.BinOp(left, operator, right) if type(operator) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(operator)](), right)
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.And() if isinstance(operator, ast.Or) else ast.Or(), values)
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Constant(value):
            yield from _constants(value)
        case ast.Call():
            yield from _calls(node)
        case ast.IfExp(test, body, other):
            yield ast.IfExp(test, other, body)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.AugAssign(target, operator, value):
            if type(operator) in ARITHMETIC:
                yield ast.AugAssign(target, ARITHMETIC[type(operator)](), value)
            yield ast.Pass()
        case ast.Return(value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise() | ast.Delete():
            yield ast.Pass()
        case ast.Break() | ast.Continue():
            yield ast.Pass()


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, float):
        yield ast.Constant(2 * value or 1.0)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """The opposite function; two arguments the other way round."""
    match node.func:
        case ast.Name(name) if name in FUNCTIONS:
            yield ast.Call(ast.Name(FUNCTIONS[name], ast.Load()), node.args, node.keywords)
        case ast.Attribute(value, name) if name in METHODS:
            yield ast.Call(ast.Attribute(value, METHODS[name], ast.Load()), node.args, node.keywords)
    either_way = isinstance(node.func, ast.Name | ast.Attribute) and _last(node.func) in SYMMETRIC
    unlike = len({ast.dump(each) for each in node.args[:2]}) > 1
    if unlike and not either_way and not any(isinstance(each, ast.Starred) for each in node.args[:2]):
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)


def _last(function: ast.Name | ast.Attribute) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _texts(place: Place, old: ast.AST, new: ast.AST) -> tuple[str, str]:
    """The changed part before and after: of a constant, what it stands in."""
    alone = not isinstance(old, ast.Constant | ast.UnaryOp) or hasattr(place.parent, "body")
    texts = []
    for node in (old, new):
        place.put(node)
        texts.append(" ".join(ast.unparse(node if alone else place.parent).split()))
    place.put(old)
    return texts[0], texts[1]
