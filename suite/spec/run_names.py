"""What a run is for, however it is set: by this, runs of two versions belong together."""

from suite.spec.runs import Run, cell

Name = tuple[object, ...]


def name_of(run: Run) -> Name:
    """The run's condition and its seed."""
    return *condition_of(run), run.seed


def condition_of(run: Run) -> Name:
    """Experiment, scale, variant, arm, levels."""
    return run.experiment, run.scale, run.variant, cell(run)
