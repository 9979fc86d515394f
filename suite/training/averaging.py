"""A running mean of the generator's parameters, of which generated images are looked at (BigGAN)."""

from suite.training.cohort import Cohort
from suite.training.phase import is_averaging
from suite.training.state import State


def follow(cohort: Cohort, state: State) -> None:
    """Take the mean one step further; ``state.iteration`` steps of the generator came before its last."""
    average, spec = state.average, cohort.setting.average
    if average is None or spec is None:
        return
    if not is_averaging(cohort, state):
        average.copy_(state.generator)
        return
    average.mul_(spec.decay).add_(state.generator * (1 - spec.decay))
    # The mean of vectors of spectral normalisation is none: they follow the mean of the weights.
    cohort.generator.settle(average)
