"""Axis labels: the figure's own, or what its metric, series or factor is."""

from suite.report import words
from suite.spec.packs.code import meaning as of_pack
from suite.spec.quantities import QUANTITIES
from suite.spec.schema import Experiment, Figure


def of_metric(experiment: Experiment, figure: Figure) -> str:
    """The label of the axis of the metric ``figure.y``."""
    if figure.y_label or figure.y is None:
        return _scaled(figure.y_label, figure)
    return _scaled(_begun(words.meaning(figure.y, experiment.metrics[figure.y])), figure)


def of_series(figure: Figure) -> str:
    """The label of the axis of the series ``figure.y``."""
    if figure.y_label or figure.y is None:
        return _scaled(figure.y_label, figure)
    probe, _, quantity = figure.y.partition(".")
    known = QUANTITIES.get(probe, {}).get(quantity, "") or of_pack(figure.y)
    return _scaled(_begun(known) or figure.y, figure)


def of_factor(experiment: Experiment, figure: Figure) -> str:
    """The label of the axis of the factor ``figure.x``."""
    if figure.x_label or figure.x is None:
        return figure.x_label
    return experiment.factors[figure.x].label or figure.x.replace("_", " ")


def _scaled(text: str, figure: Figure) -> str:
    """With a word on a scale that its ticks alone do not show."""
    return f"{text}, symlog" if figure.y_scale == "symlog" else text


def _begun(text: str) -> str:
    """Words as an axis has them, with a capital."""
    return text[:1].upper() + text[1:]
