"""n-grams of lines of characters, and the Jensen-Shannon divergence between those of two texts.

As in gan_language.py: within lines only, in units of log 2, so that 1 is no n-gram in common. It is
larger for fewer lines, whatever they say, so that only equally many may be compared.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.metrics.divergence import js

Codes = NDArray[np.integer]


class NGrams(NamedTuple):
    """Different n-grams, as sorted numbers of one kind, and their shares."""

    grams: NDArray[np.int64]
    shares: NDArray[np.float64]


def ngrams(lines: Codes, n: int, characters: int) -> NGrams:
    """The n-grams of lines [lines, length] of codes below ``characters``: first place times
    characters^(n-1) and so on. ValueError where a number of 63 bits cannot hold that.
    """
    if characters**n >= 1 << 63:
        raise ValueError(f"{n}-grams of {characters} characters are too many to be numbered")
    places = lines.shape[1] - n + 1
    numbers = np.zeros((len(lines), places), np.int64)
    for shift in range(n):
        numbers = numbers * characters + lines[:, shift : shift + places]
    grams, counts = np.unique(numbers, return_counts=True)
    return NGrams(grams, counts / counts.sum())


def divergence(left: NGrams, right: NGrams) -> float:
    """Jensen-Shannon divergence over log 2: from 0 to 1."""
    every = np.union1d(left.grams, right.grams)
    return js(_shares(left, every), _shares(right, every)) / float(np.log(2))


def _shares(of: NGrams, every: NDArray[np.int64]) -> NDArray[np.float64]:
    shares = np.zeros(len(every))
    shares[np.searchsorted(every, of.grams)] = of.shares
    return shares
