"""Probes of runs on text."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.data import text
from suite.metrics.ngrams import NGrams, divergence, ngrams
from suite.spec import schema
from suite.spec.sizes import is_text, line_shape
from suite.streams import stream
from suite.training.view import Array, View, host

Readings = dict[str, NDArray[np.float64]]
ORDERS = range(1, 7)
JUDGED = ORDERS[1:]
"""Orders with progress: single letters have none between those drawn apart and real text."""
REPEATS = 5
"""Over so many draws of lines the ends of the scale of progress are averaged."""


class Scale(NamedTuple):
    """For each n: held-out n-grams, and the divergences of as many real lines and of single letters."""

    reference: tuple[NGrams, ...]
    real: Array
    letters: Array


def n_grams(view: View, spec: schema.NGrams) -> Readings:
    """Divergence of generated from held-out n-grams, and where it is between letters and real text."""
    data = view.cohort.setting.data
    assert is_text(data)  # `suite.spec.check` sees to it.
    scale = _scale(data, spec.samples, spec.reference)
    made = host(view.fake(spec.samples, "n-grams"))
    found = np.array([_divergences(data, scale.reference, each) for each in made])
    readings = {f"js_{n}": found[:, index] for index, n in enumerate(ORDERS)}
    way, whole = scale.letters - found, np.broadcast_to(scale.letters - scale.real, found.shape)
    progress = np.divide(way, whole, out=np.full_like(way, np.nan), where=whole != 0)
    return readings | {f"progress_{n}": progress[:, n - 1] for n in JUDGED}


def lines(view: View, spec: schema.TextSamples) -> Readings:
    """Lines from the same noise at every point, as the characters' code points."""
    data = view.cohort.setting.data
    assert is_text(data)
    points = np.array([ord(character) for character in text.alphabet(data)], np.float64)
    return {"lines": points[text.read(data, host(view.fake(spec.samples, "text")))]}


@lru_cache(maxsize=8)
def _scale(data: schema.TextData, samples: int, reference: int) -> Scale:
    """The same for every run of the data."""
    real = text.held_out(data, reference + REPEATS * samples, "n-grams").astype(np.float64)
    rng = stream("protocol", "n-grams of letters")
    letters = (text.unigrams(data, rng, samples).astype(np.float64) for _ in range(REPEATS))
    known = _counted(data, real[:reference])
    others = np.split(real[reference:], REPEATS)
    return Scale(
        known,
        np.mean([_divergences(data, known, each) for each in others], axis=0),
        np.mean([_divergences(data, known, each) for each in letters], axis=0),
    )


def _counted(data: schema.TextData, values: Array) -> tuple[NGrams, ...]:
    codes = text.read(data, values)
    return tuple(ngrams(codes, n, line_shape(data)[1]) for n in ORDERS)


def _divergences(data: schema.TextData, known: tuple[NGrams, ...], values: Array) -> list[float]:
    """For each n; NaN where a run diverged."""
    if not np.isfinite(values).all():
        return [float("nan")] * len(ORDERS)
    return [divergence(a, b) for a, b in zip(_counted(data, values), known, strict=True)]
