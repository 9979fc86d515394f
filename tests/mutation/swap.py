"""Puts a changed piece of code into modules that are already imported."""

import functools
import gc
import importlib
import sys
from types import FunctionType, ModuleType
from typing import Any

from tests.mutation.mutants import Mutant


def put_in(mutant: Mutant) -> None:
    """Whoever has imported the function or the constant gets the change too."""
    module = importlib.import_module(mutant.module)
    changed = ModuleType(mutant.module)
    changed.__file__ = module.__file__
    exec(mutant.code(), vars(changed))
    if mutant.around.function:
        old, new = (_function(each, mutant.around.function) for each in (module, changed))
        old.__code__, old.__defaults__ = new.__code__, new.__defaults__
        old.__kwdefaults__ = new.__kwdefaults__
    else:
        _rebind(module, changed)


def kept_results() -> list[Any]:
    """What remembers results of functions: to be cleared once the code is another."""
    return [each for each in gc.get_objects() if type(each) is functools._lru_cache_wrapper]


def _function(module: ModuleType, name: str) -> FunctionType:
    """A function or method, without what decorates it."""
    found: Any = module
    for part in name.split("."):
        found = vars(found)[part]
    while not isinstance(found, FunctionType) or hasattr(found, "__wrapped__"):
        inner = (getattr(found, each, None) for each in ("__wrapped__", "__func__", "fget", "func"))
        found = next(each for each in inner if each is not None)
    return found


def _rebind(module: ModuleType, changed: ModuleType) -> None:
    """The module's constants, here and wherever they were imported by their names."""
    for name, old in list(vars(module).items()):
        new = vars(changed).get(name)
        if name.startswith("__") or isinstance(old, (FunctionType, type, ModuleType)) or callable(old):
            continue
        for each in list(sys.modules.values()):
            if getattr(each, "__dict__", {}).get(name) is old:
                setattr(each, name, new)
