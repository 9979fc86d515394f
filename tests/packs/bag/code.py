"""Data, loss, constraint, probe and metric, as small as they can be."""

import numpy as np

from suite.objectives.constraint import Constraint, matrices
from suite.training.view import host


class Cross:
    """Points on the axes, one coordinate of each not 0."""

    def __init__(self, size):
        self.size = size

    def sample(self, rng, count):
        points = np.zeros((count, 3))
        points[np.arange(count), rng.integers(3, size=count)] = self.size * rng.uniform(-1, 1, count)
        return points


class ScaledHinge:
    """The hinge loss, times a number."""

    def __init__(self, scale):
        self.scale = scale

    def critic(self, real, fake):
        return self.scale * ((1 - real).clamp_min(0).mean(1) + (1 + fake).clamp_min(0).mean(1))

    def generator(self, fake):
        return -self.scale * fake


class Ball(Constraint):
    """All parameters together within a ball, and half their square as a penalty."""

    def __init__(self, radius, weight):
        self.radius, self.weight = radius, weight

    def penalty(self, critic, tensors, seen):
        if not self.weight:
            return None
        return self.weight * sum((t**2).flatten(1).sum(1) for t in tensors) / 2

    def project(self, critic, flat):
        size = (flat**2).sum(1, keepdim=True).sqrt()
        flat.mul_((self.radius / size).clamp_max(1))


def first_weights(view, spec):
    first = matrices(view.cohort.critic, view.tensors)[0]
    return {"largest": host(first.abs().amax((1, 2))), "rows": host(first)}


def spread(series, power):
    return (series.values.max() - series.values.min()) ** power
