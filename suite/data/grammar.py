"""An endless text of a small grammar, and the exact probabilities of its n-grams.

Sentences follow each other without a mark: an article, perhaps an adjective, a noun, a verb, and again
an article. A word's kind depends on the kind of the word before, the word on its kind only, so that the
text is a Markov chain whose states are the places in the words. A line begins in the chain's stationary
distribution: it is a piece cut out anywhere, and every place of it has the same n-grams.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.uint8]

WORDS = {
    "article": {"the": 0.6, "a": 0.4},
    "adjective": {"old": 0.5, "sad": 0.3, "red": 0.2},
    "noun": {"dog": 0.3, "goat": 0.25, "hen": 0.2, "lion": 0.15, "eel": 0.1},
    "verb": {"sees": 0.4, "eats": 0.3, "hits": 0.2, "led": 0.1},
}
NEXT = {
    "article": {"adjective": 0.3, "noun": 0.7},
    "adjective": {"noun": 1.0},
    "noun": {"verb": 1.0},
    "verb": {"article": 1.0},
}
"""What kind of word follows, and how often."""
ALPHABET = " adeghilnorst"


class Chain(NamedTuple):
    """The states' characters [states], as places in ``ALPHABET``; how the chain starts [states] and goes
    on [states, states].
    """

    characters: Codes
    start: Array
    step: Array


@cache
def chain() -> Chain:
    """The Markov chain of the places in the words; a word's last place is the blank after it."""
    words = [(kind, word + " ", share) for kind, of in WORDS.items() for word, share in of.items()]
    ends = np.cumsum([len(word) for _, word, _ in words])
    size = int(ends[-1])
    step = np.zeros((size, size))
    step[np.arange(size - 1), np.arange(1, size)] = 1.0
    for (kind, _, _), end in zip(words, ends, strict=True):
        step[end - 1] = 0.0
        for (other, word, share), start in zip(words, ends, strict=True):
            step[end - 1, start - len(word)] = NEXT[kind].get(other, 0.0) * share
    characters = np.array([ALPHABET.index(letter) for _, word, _ in words for letter in word], np.uint8)
    return Chain(characters, _stationary(step), step)


def _stationary(step: Array) -> Array:
    """The distribution that the chain keeps: the solution of p (step - 1) = 0 with sum 1."""
    equations = np.vstack([step.T - np.eye(len(step)), np.ones(len(step))])
    right = np.zeros(len(equations))
    right[-1] = 1.0
    return np.asarray(np.linalg.lstsq(equations, right, rcond=None)[0])


def sample(rng: np.random.Generator, count: int, length: int) -> Codes:
    """Lines as places in ``ALPHABET``, shape [count, length]."""
    made = chain()
    ends = np.cumsum(made.step, axis=1)
    lots = rng.random((length, count))
    states = _drawn(np.cumsum(made.start)[None], lots[0])
    walked = [states]
    for lot in lots[1:]:
        states = _drawn(ends[states], lot)
        walked.append(states)
    return made.characters[np.stack(walked, axis=1)]


def _drawn(ends: Array, lot: Array) -> NDArray[np.int64]:
    """The first state whose cumulative probability is beyond the lot: never one of probability zero."""
    # Sums are 1 to rounding only.
    return np.asarray(np.minimum((ends <= lot[:, None]).sum(1), (ends < ends[:, -1:]).sum(1)))
