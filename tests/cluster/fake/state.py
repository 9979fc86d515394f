"""What the fake scheduler knows: one file an array, settings, a clock, the calls it was given.

Programs and tests share a folder; whoever reads to change holds the lock. Elements of an array
that were not touched have one record together, as in SLURM, so that ten thousand jobs are cheap.
Little is imported here: most of what a call of a program takes is its start.
"""
# ruff: noqa: PTH103, PTH105, PTH118, PTH123, PTH208

import fcntl
import marshal
import os
import time

VARIABLE = "FAKE_SLURM"
"""Names the folder."""
ACTIVE = ("PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "STOPPED", "REQUEUED", "RESIZING")
"""What squeue shows unless asked for more."""
UID = 1000
FIRST = 1200
"""The first job's number."""


class Values:
    """Annotated names with defaults; on disk a dict."""

    def __init__(self, **given: object) -> None:
        for name in self.__annotations__:
            default = getattr(type(self), name, None)
            setattr(self, name, given.get(name, default.copy() if hasattr(default, "copy") else default))


class Record(Values):
    """What SLURM keeps of a job, or of all elements of an array that still wait."""

    state: str = "PENDING"
    reason: str = ""
    code: str = "0:0"
    node: str = ""
    job: int = 0
    """SLURM_JOB_ID: of its own for each element that has started."""
    by: int = -1
    """Who cancelled it."""
    begin: float = 0.0
    """It may not start before."""
    started: float = 0.0
    ended: float = 0.0
    restarts: int = 0
    steps: list[int] = []
    """Processes under srun."""
    preempted: bool = False
    """Told to leave for another."""
    gone: bool = False
    """Neither the controller nor accounting knows it any more."""


class Array(Values):
    """One submission: an array of jobs, or a single one."""

    id: int
    script: bytes
    options: dict[str, str]
    environment: dict[str, str]
    folder: str
    submitted: float
    indices: list[int] | None = None
    """None of a single job."""
    throttle: int = 0
    rest: Record
    changed: dict[str, Record]

    def names(self) -> list[str]:
        """Of all its jobs, as squeue --array has them."""
        return [str(self.id)] if self.indices is None else [f"{self.id}_{i}" for i in self.indices]

    def untouched(self) -> list[str]:
        """The jobs that still share one record."""
        return [name for name in self.names() if name not in self.changed]

    def record(self, name: str) -> Record:
        """To look at, not to change."""
        return self.changed.get(name, self.rest)

    def option(self, name: str, otherwise: str = "") -> str:
        return self.options.get(name, otherwise)


class Settings(Values):
    """How the cluster is, and what is wrong with it."""

    max_array: int = 1001
    max_submit: int | None = None
    max_jobs: int = 10000
    partitions: list[str] = ["main", "gpu"]
    accounting: bool = True
    down: bool = False
    slow: dict[str, float] = {}
    """Seconds before a command answers."""
    says: dict[str, tuple[int, str, str]] = {}
    """Exit status, output and errors of a command, whatever it is asked."""
    strict: bool = False
    """Whether scancel calls a job that nobody knows an error, as it does in some versions."""
    kill: str = ""
    """Whether sbatch kills who called it: ``before`` or ``after`` the job is in the queue."""
    unheard: bool = False
    """Whether sbatch fails with a time-out although the job is in the queue."""


class Locked:
    """Nobody else changes anything meanwhile."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, "lock")

    def __enter__(self) -> None:
        self.file = os.open(self.path, os.O_CREAT | os.O_RDWR)
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        os.close(self.file)


class Changing:
    """A job's own record, to change."""

    def __init__(self, state: "State", name: str) -> None:
        self.state, self.name, self.lock = state, name, Locked(state.folder)

    def __enter__(self) -> Record:
        self.lock.__enter__()
        array = self.state.array_of(self.name)
        assert array is not None, self.name
        assert self.name in array.names(), self.name
        self.array = array
        return self.state.split(array, self.name)

    def __exit__(self, *_: object) -> None:
        self.state.save(self.array)
        self.lock.__exit__()


class State:
    """The folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    @classmethod
    def here(cls) -> "State":
        return cls(os.environ[VARIABLE])

    def locked(self) -> Locked:
        return Locked(self.folder)

    @property
    def settings(self) -> Settings:
        return Settings(**self._read("settings", {}))

    def configure(self, **changes: object) -> None:
        with self.locked():
            self._write("settings", vars(self.settings) | changes)

    def now(self) -> float:
        """Seconds since 1970, by the fake's clock."""
        return time.time() + self._read("clock", 0.0)

    def move_clock(self, seconds: float) -> None:
        with self.locked():
            self._write("clock", self._read("clock", 0.0) + seconds)

    def next_id(self) -> int:
        """A number for a job; the lock must be held."""
        found = self._read("next", FIRST)
        self._write("next", found + 1)
        return found

    def arrays(self) -> list[Array]:
        """All submissions, the oldest first."""
        names = [name for name in os.listdir(self.folder) if name.startswith("array-")]
        return [self._array(name) for name in sorted(names, key=lambda name: int(name[6:]))]

    def array_of(self, name: str) -> Array | None:
        """The submission of a job, by any of its names."""
        try:
            return self._array(f"array-{int(name.partition('_')[0])}")
        except (FileNotFoundError, ValueError):
            return None

    def save(self, array: Array) -> None:
        changed = {name: vars(record) for name, record in array.changed.items()}
        self._write(f"array-{array.id}", vars(array) | {"rest": vars(array.rest), "changed": changed})

    def changing(self, name: str) -> Changing:
        return Changing(self, name)

    def split(self, array: Array, name: str) -> Record:
        """Give a job a record of its own; the lock must be held."""
        if name not in array.changed:
            record = Record(**vars(array.rest) | {"steps": []})
            record.job = array.id if array.indices is None else self.next_id()
            array.changed[name] = record
        return array.changed[name]

    def note_call(self, words: list[str]) -> None:
        with self.locked():
            self._write("calls", [*self.calls(), words])

    def calls(self) -> list[list[str]]:
        return self._read("calls", [])

    def _array(self, name: str) -> Array:
        held = self._read(name)
        rest = Record(**held.pop("rest"))
        changed = {name: Record(**record) for name, record in held.pop("changed").items()}
        return Array(**held, rest=rest, changed=changed)

    def _read(self, name: str, otherwise: object = None) -> object:
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                return marshal.load(file)
        except FileNotFoundError:
            if otherwise is None:
                raise
            return otherwise

    def _write(self, name: str, value: object) -> None:
        aside = os.path.join(self.folder, f".{name}.{os.getpid()}")
        with open(aside, "wb") as file:
            marshal.dump(value, file)
        os.replace(aside, os.path.join(self.folder, name))


def waits_for(array: Array, arrays: dict[int, Array]) -> str:
    """Why a job may not start because of other jobs; empty where it may."""
    for one in filter(None, array.option("dependency").split(",")):
        kind, *ids = one.split(":")
        for name in ids:
            found = _ends(name, arrays)
            if None in found:
                return "Dependency"
            if kind == "afterok" and set(found) - {"COMPLETED"}:
                return "DependencyNeverSatisfied"
            if kind == "afternotok" and "COMPLETED" in found:
                return "DependencyNeverSatisfied"
    return ""


def _ends(name: str, arrays: dict[int, Array]) -> list[str | None]:
    """How the jobs that a dependency names ended; None of one that did not."""
    array = arrays.get(int(name.partition("_")[0]))
    if array is None:
        return []
    names = [name] if "_" in name else array.names()
    states = [array.record(each).state for each in names]
    return [None if state in ACTIVE else state for state in states]
