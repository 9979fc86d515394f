"""What is trained from an iteration on: the questions whose answers change a few times in a run."""

from typing import NamedTuple

from suite.networks.generators import is_trained
from suite.training.cohort import Cohort
from suite.training.state import State


class Phase(NamedTuple):
    """Iterations of one phase do the same work, on other numbers."""

    is_moving: bool
    is_held: bool
    is_averaging: bool


def phase(cohort: Cohort, state: State) -> Phase:
    """That of the iteration that is next."""
    return Phase(is_moving(cohort, state), is_held(cohort, state), is_averaging(cohort, state))


def is_moving(cohort: Cohort, state: State) -> bool:
    """Whether the generator is trained in the iteration that is next."""
    return is_trained(cohort.generator.spec) and not is_frozen(cohort, state)


def is_frozen(cohort: Cohort, state: State) -> bool:
    """Whether the generator stays as it is from here on."""
    at, spec = cohort.setting.freeze_at, cohort.setting.freeze
    if spec is not None and spec.network == "generator":
        return state.iteration >= spec.at
    return at is not None and state.iteration >= at


def is_held(cohort: Cohort, state: State) -> bool:
    """Whether the critic stays as it is from here on."""
    spec = cohort.setting.freeze
    return spec is not None and spec.network == "critic" and state.iteration >= spec.at


def is_averaging(cohort: Cohort, state: State) -> bool:
    """Whether there is a running mean of generators that has begun."""
    spec = cohort.setting.average
    return spec is not None and state.iteration >= spec.start
