"""What counts as a change of code; that it takes effect wherever the code is used; that reasons stay true."""

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation import mutants
from tests.mutation.mutants import ROOT, Mutant, mutants_of, source_of
from tests.mutation.run import EXPLAINED, SHOWING, TESTS, explained, modules
from tests.mutation.swap import put_in

CODE = '''\
"""Text stays."""
from functools import cache

LIMIT: float = 2.0


class Pair:
    size: int = 3

    @property
    def low(self) -> int:
        return min(self.size, 1)


@cache
def within(x: float, strict: bool = False) -> bool:
    if x is None or not strict:
        return x <= LIMIT
    return x < LIMIT
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of this code, and one that has imported from it."""
    (tmp_path / "mutated.py").write_text(CODE)
    (tmp_path / "importing.py").write_text("from mutated import LIMIT, Pair, within\n")
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("mutated", "importing"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import importing

    return importing


def changed(name: str) -> Mutant:
    return next(each for each in mutants_of("mutated") if each.name == f"mutated:{name}")


def test_every_change_of_a_piece_of_code(module: ModuleType) -> None:
    assert [each.name.removeprefix("mutated:") for each in mutants_of("mutated")] == [
        ": LIMIT: float = 2.0 -> LIMIT: float = 4.0",
        "Pair.low: return min(self.size, 1) -> return None",
        "Pair.low: min(self.size, 1) -> max(self.size, 1)",
        "Pair.low: min(self.size, 1) -> min(self.size, 2)",
        "within: x: float, strict: bool=False -> x: float, strict: bool=True",
        "within: x is None or not strict -> x is None and (not strict)",
        "within: x is None or not strict -> not (x is None or not strict)",
        "within: x is None -> x is not None",
        "within: x is None or not strict -> x is None or strict",
        "within: return x <= LIMIT -> return None",
        "within: x <= LIMIT -> x < LIMIT",
        "within: x <= LIMIT -> x > LIMIT",
        "within: return x < LIMIT -> return None",
        "within: x < LIMIT -> x <= LIMIT",
        "within: x < LIMIT -> x >= LIMIT",
    ]


def test_a_change_leaves_the_next_one_alone(module: ModuleType) -> None:
    every = mutants_of("mutated")
    assert all(each.code() and each.before != each.after for each in every)
    assert ast.unparse(every[0].tree) == ast.unparse(ast.parse(CODE))


def test_a_changed_function_is_changed_for_those_who_imported_it(module: ModuleType) -> None:
    assert module.within(2.0)
    put_in(changed("within: x <= LIMIT -> x < LIMIT"))
    module.within.cache_clear()
    assert not module.within(2.0)


def test_a_changed_method_is_changed_in_objects_that_are_there(module: ModuleType) -> None:
    pair = module.Pair()
    assert pair.low == 1
    put_in(changed("Pair.low: min(self.size, 1) -> max(self.size, 1)"))
    assert pair.low == 3


def test_a_changed_constant_is_changed_for_those_who_imported_it(module: ModuleType) -> None:
    put_in(changed(": LIMIT: float = 2.0 -> LIMIT: float = 4.0"))
    assert module.LIMIT == 4.0
    assert module.within(3.0)


def test_changed_defaults_are_those_of_the_next_call(module: ModuleType) -> None:
    put_in(changed("within: x: float, strict: bool=False -> x: float, strict: bool=True"))
    assert not module.within(2.0)


def test_lines_of_a_change_are_those_of_its_statement(module: ModuleType) -> None:
    lines = CODE.splitlines()
    condition = changed("within: x is None -> x is not None")
    assert [lines[number - 1].strip() for number in condition.lines] == ["if x is None or not strict:"]
    default = changed("within: x: float, strict: bool=False -> x: float, strict: bool=True")
    assert [lines[number - 1] for number in default.lines] == CODE.splitlines()[-4:]


def test_of_what_compares_versions_only_what_computes_is_changed() -> None:
    assert all(source_of(name).is_file() for name in SHOWING)
    compare = {name.rpartition(".")[2] for name in modules(["suite.compare"])}
    assert {"claims", "many", "seeds", "shift", "permutation"} <= compare
    assert compare.isdisjoint({"markdown", "page", "strips", "text", "views"})


def test_each_reason_is_for_a_change_that_there_is() -> None:
    names = {each.name for module in modules(None) for each in mutants_of(module)}
    assert explained().keys() - names == set()
    assert len(explained()) == sum(line[0] != "#" for line in EXPLAINED.read_text().splitlines())


def test_the_tests_that_it_runs_are_there() -> None:
    assert [name for name in TESTS if not (ROOT / name).exists()] == []
