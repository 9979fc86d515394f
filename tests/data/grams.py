"""The grammar's n-grams, with their exact probabilities."""

import numpy as np

from suite.data.grammar import Array, Codes, chain


def probabilities(n: int) -> dict[tuple[int, ...], float]:
    """The exact probability of each n-gram that there can be, as places in ``ALPHABET``."""
    made = chain()
    # For each n-gram so far: the probability of having seen it and being in each state.
    seen: dict[tuple[int, ...], Array] = {(): made.start}
    for place in range(n):
        seen = {
            (*gram, character): kept
            for gram, at in seen.items()
            for character, kept in _split(at @ made.step if place else at, made.characters)
        }
    return {gram: float(at.sum()) for gram, at in seen.items()}


def _split(at: Array, characters: Codes) -> list[tuple[int, Array]]:
    """The part of a distribution over states that shows each character."""
    shown = np.unique(characters[at > 0])
    return [(int(each), np.where(characters == each, at, 0.0)) for each in shown]
