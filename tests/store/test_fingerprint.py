"""The fingerprint is of all code that a run's numbers can depend on."""

import subprocess
import sys
from typing import get_args, get_type_hints

from suite.spec.schema import Frozen, Setting
from suite.store.version import AFFECTS_RESULTS, ASKED_OF_RECORDS, ROOT

LOADED = """
import sys
import suite.launch.worker, suite.launch.perform
print(*(module.__file__ for name, module in sys.modules.items() if name.partition(".")[0] == "suite"))
"""
ON_THE_WAY = {
    "suite/__init__.py": "empty",
    "suite/launch": "when and where a run is trained, saved and resumed: to the same bits, as tests hold",
    "suite/store": "how files are written and read back",
    "suite/cores.py": "how many threads read and draw: each its own part",
    "suite/errors.py": "what users are told",
    "suite/git.py": "which commit a record names",
    "suite/folders.py": "where things are",
    "suite/places.py": "where things are",
    "suite/packages.py": "which packages are there",
    "suite/plain.py": "what users are told",
    "suite/spec": "what a file of an experiment means: the settings that come of it are in a run's id",
}
"""What a worker loads beside it, and why numbers do not depend on it."""


def counts(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def kinds(kind: object) -> set[type]:
    """The classes of a struct's fields, and of theirs."""
    inside = [kind] if isinstance(kind, type) and issubclass(kind, Frozen) else []
    hints = [hint for each in inside for hint in get_type_hints(each).values()]
    return {*inside, *(found for part in [*hints, *get_args(kind)] for found in kinds(part))}


def test_whatever_a_worker_loads_counts_or_cannot_change_a_number() -> None:
    command = [sys.executable, "-c", LOADED]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    paths = {name.removeprefix(f"{ROOT}/") for name in found}
    beside = {path for path in paths if not counts(path, AFFECTS_RESULTS)}
    assert {path for path in beside if not counts(path, tuple(ON_THE_WAY))} == set()
    assert all(any(counts(path, (place,)) for path in beside) for place in ON_THE_WAY)


def test_the_fingerprint_is_of_files_that_are_there() -> None:
    assert all((ROOT / name).exists() for name in (*AFFECTS_RESULTS, *ASKED_OF_RECORDS))


def test_what_is_asked_of_records_is_no_part_of_a_setting() -> None:
    files = {f"{kind.__module__.replace('.', '/')}.py" for kind in kinds(Setting)}
    assert "suite/spec/schema/probes.py" in files
    assert files.isdisjoint(ASKED_OF_RECORDS)
