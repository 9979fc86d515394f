"""All that packs bring for a job, tried before anything is trained with it."""

from suite.launch.constraint_trial import try_constraint
from suite.launch.trial import try_networks
from suite.training.cohort import Cohort


def try_packs(cohort: Cohort) -> None:
    """UserError for what does not do as docs/packs.md says, with its place. Nothing that is trained depends
    on what is done here.
    """
    try_networks(cohort)
    try_constraint(cohort)
