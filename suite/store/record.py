"""The record of a finished run: everything about it that fits on a page."""

import math
from typing import Annotated, Literal

import msgspec

from suite.spec.runs import Run
from suite.spec.schema import Frozen
from suite.store.formats import FIRST

FORMAT = 1
"""Of what is written now; what `suite.store.formats` is for."""

State = Literal["finished", "diverged", "failed"]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A count that a float can hold, whoever wrote the file."""


class Outcome(Frozen):
    """How a run ended."""

    state: State
    step: int | None = None
    """Of a diverged run: the first iteration whose loss was not finite."""
    reason: str = ""
    traceback: str = ""


class Measured(Frozen):
    """A metric's value and the fingerprint of how it was measured."""

    value: float | Literal["inf", "-inf"] | None
    """None where it could not be measured; JSON has no infinities, so they are words."""
    protocol: str

    @classmethod
    def of(cls, value: float, protocol: str) -> "Measured":
        """A number as JSON can hold it."""
        if math.isnan(value):
            return cls(None, protocol)
        if math.isfinite(value):
            return cls(value, protocol)
        return cls("inf" if value > 0 else "-inf", protocol)

    def number(self) -> float:
        """The value as a float, NaN where there is none."""
        return float("nan") if self.value is None else float(self.value)


class Cost(Frozen):
    """What a run took: its share of the time of the batch in which it was trained."""

    seconds: float
    """Of one core, whatever else that machine did; on a GPU by the clock."""
    flops: float
    replicas: int


class Code(Frozen):
    """The code that trained a run."""

    fingerprint: str
    """Hash of the source files that can affect a result; records are kept apart by it."""
    commit: str
    patch: str = ""
    """Hash of the uncommitted changes, empty where there were none."""


class Environment(Frozen, kw_only=True):
    """Where a run was trained."""

    python: str
    platform: str
    processor: str
    cores: Number
    device: str
    threads: Number
    deterministic: bool
    packages: dict[str, str]
    processes: Number = 1
    """Which shared each batch."""


class Record(Frozen, kw_only=True):
    """The terminal record of a run. That it exists means that the run is complete."""

    run: Run
    code: Code
    environment: Environment
    started: str
    ended: str
    outcome: Outcome
    cost: Cost
    metrics: dict[str, Measured] = {}
    instruments: dict[str, str] = {}
    """Hashes of the trained networks that the metrics were measured with, by name."""
    criteria: dict[str, str] = {}
    """The hashes of the criteria in force when the run was launched, by variant and claim."""
    digest: str = ""
    """SHA-256 of the final parameters and all series."""
    format: int = FIRST
    seal: str = ""
    """SHA-256 of all the rest, put on when the record is written: see ``suite.store.seal``."""


def is_done(record: Record) -> bool:
    """Whether the run need not be trained again. A failed one must: its cause may be gone."""
    return record.outcome.state != "failed"
