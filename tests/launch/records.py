"""Records of runs that were never trained."""

from collections.abc import Mapping

from suite.spec.runs import Run
from suite.store.record import Code, Cost, Environment, Measured, Outcome, Record, State
from tests.training.settings import run

CODE = Code("fingerprint0", "commit")
ENVIRONMENT = Environment(
    python="3.11",
    platform="Linux",
    processor="",
    cores=1,
    device="cpu",
    threads=1,
    deterministic=True,
    packages={},
)


def record(
    of: Run | None = None,
    state: State = "finished",
    metrics: Mapping[str, Measured] | None = None,
    criteria: Mapping[str, str] | None = None,
    ended: str = "2020-01-01T00:00:00+00:00",
    reason: str = "",
) -> Record:
    """A record; of a diverged run, one that diverged at iteration 3."""
    return Record(
        run=run() if of is None else of,
        code=CODE,
        environment=ENVIRONMENT,
        started=ended,
        ended=ended,
        outcome=Outcome(state, step=3 if state == "diverged" else None, reason=reason),
        cost=Cost(1.0, 2.0, 1),
        metrics=dict(metrics or {}),
        criteria=dict(criteria or {}),
        digest="d" * 64,
    )
