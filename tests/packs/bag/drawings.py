"""A figure."""

from suite.report.figures import style
from suite.report.figures.groups import groups


def dots(evidence, figure, size):
    drawing, axes = style.single()
    for row, group in enumerate(groups(evidence, figure)):
        for condition in group.conditions:
            values = evidence.numbers(condition, figure.y)
            axes.plot(values, [row] * len(values), "o", markersize=size)
    return drawing
