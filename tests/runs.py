"""The runs of an experiment, for tests that need no study."""

import itertools
from collections.abc import Iterable

from suite.spec.runs import Run, conditions, run_of
from suite.spec.schema import Experiment


def runs(experiment: Experiment, scale: str, variant: str, seeds: Iterable[int]) -> tuple[Run, ...]:
    """Each condition with each seed."""
    return tuple(
        run_of(experiment, condition, scale, variant, seed)
        for condition, seed in itertools.product(conditions(experiment), tuple(seeds))
    )
