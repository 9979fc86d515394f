"""What a worker is sent."""

from suite.spec.runs import Run
from suite.spec.schema import Frozen, Metric
from suite.store.record import Code


class Job(Frozen, kw_only=True):
    """Runs of one shape, their metrics, and the criteria in force when they were launched."""

    runs: tuple[Run, ...]
    metrics: dict[str, Metric]
    criteria: dict[str, str]
    code: Code
    store: str
    checkpoint_seconds: float = 10.0
