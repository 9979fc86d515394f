"""Tries changes, each in a fork of a process in which pytest has collected the tests."""

import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import coverage
import pytest

from tests.mutation.mutants import Mutant, source_of
from tests.mutation.swap import kept_results, put_in

KILLED, SURVIVED = "killed", "survived"
FAILED = 1
SECONDS = 10
"""At least, of the tests of one change; at most three times what they take without it."""


class Tried(NamedTuple):
    """One change, and what came of it; a test that takes too long notices it too."""

    mutant: Mutant
    state: str
    tests: int
    """How many reach it."""


class Reach(NamedTuple):
    """What a test takes, and the lines that it runs, by file."""

    seconds: float
    lines: dict[str, list[int]]


class Trials:
    """A pytest plugin: its loop over tests is one over changes.

    Limits are of a process's own seconds, so that a busy machine changes nothing.
    """

    def __init__(self, mutants: Sequence[Mutant], tell: Callable[[Tried], None]) -> None:
        self.mutants, self.tell, self.tried = mutants, tell, list[Tried]()
        self.in_fork = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own."""
        session.config._tmp_path_factory.getbasetemp()
        self.items, self.remembering = session.items, kept_results()
        self.reach = self._reach()
        gc.freeze()
        for mutant in self.mutants:
            self.tried.append(self._try(mutant))
            self.tell(self.tried[-1])
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first failure is enough."""
        if self.in_fork and report.failed:
            os._exit(FAILED)

    def _reach(self) -> list[Reach]:
        files = sorted({str(source_of(mutant.module)) for mutant in self.mutants})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "reach.json"
            if self._forked(lambda: path.write_text(json.dumps(self._measured(files))), 3600, told=True):
                sys.exit("the tests fail without any change")
            return [Reach(*each) for each in json.loads(path.read_text())]

    def _measured(self, files: Sequence[str]) -> list[Reach]:
        """Of each test; what a module's fixture runs is the first test's that needs it."""
        measured, tests = [], iter(_one_by_one(self.items))
        for _ in self.items:
            self._forget()
            tracer = coverage.Coverage(data_file=None, config_file=False, include=files)
            tracer.set_option("run:disable_warnings", ["no-data-collected"])
            start = time.process_time()
            with tracer.collect():
                next(tests)
            data = tracer.get_data()
            lines = {file: data.lines(file) or [] for file in data.measured_files()}
            measured.append(Reach(time.process_time() - start, lines))
        return measured

    def _forget(self) -> None:
        """What functions gave before the change."""
        for each in self.remembering:
            each.cache_clear()

    def _try(self, mutant: Mutant) -> Tried:
        own = self._own(mutant)
        own.sort(key=lambda i: self.reach[i].seconds)

        def act() -> None:
            self._forget()
            put_in(mutant)
            for _ in _one_by_one([self.items[i] for i in own]):
                pass

        limit = max(SECONDS, 3 * sum(self.reach[i].seconds for i in own))
        noticed = bool(own) and self._forked(act, limit) != 0
        return Tried(mutant, KILLED if noticed else SURVIVED, len(own))

    def _own(self, mutant: Mutant) -> list[int]:
        """The tests that run the change; of a module's constants, all beside one that runs the module."""
        file, lines = str(source_of(mutant.module)), set(mutant.lines)
        if mutant.around.function:
            return [i for i, each in enumerate(self.reach) if lines & set(each.lines.get(file, ()))]
        paths = {self.items[i].path for i, each in enumerate(self.reach) if each.lines.get(file)}
        return [i for i, item in enumerate(self.items) if item.path in paths]

    def _forked(self, act: Callable[[], object], seconds: float, *, told: bool = False) -> int:
        """0 where ``act`` came to its end in a process of its own."""
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1]
        self.in_fork = True
        resource.setrlimit(resource.RLIMIT_CPU, (round(seconds), round(seconds) + 1))
        signal.alarm(20 * round(seconds))  # For what waits for ever.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for output in () if told else (1, 2):
            os.dup2(nowhere, output)
        try:
            act()
        except BaseException:
            os._exit(FAILED)
        os._exit(0)


def _one_by_one(items: Sequence[pytest.Item]) -> Iterable[None]:
    """Run tests; fixtures stay for the next one that needs them."""
    for item, following in pairwise([*items, None]):
        yield item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
