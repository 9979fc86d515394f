"""Lines of text: drawn, as numbers that networks take, and back as characters.

A line of ``length`` places over so many characters is ``length`` rows one after another, each 1 at its
character and 0 elsewhere; a generator's rows are probabilities, read as their most probable character.
"""

import numpy as np
from numpy.typing import NDArray

from suite.data import billion_word, grammar
from suite.spec import schema
from suite.spec.sizes import line_shape
from suite.streams import stream

Codes = NDArray[np.uint8]
Flat = NDArray[np.float32]


def alphabet(data: schema.TextData) -> str:
    """The characters, in the order in which lines number them."""
    return grammar.ALPHABET if isinstance(data, schema.Grammar) else billion_word.load(data).alphabet


def sample(data: schema.TextData, rng: np.random.Generator, count: int) -> Flat:
    """``count`` training lines, shape [count, length * characters]."""
    return one_hot(data, lines(data, rng, count))


def lines(data: schema.TextData, rng: np.random.Generator, count: int) -> Codes:
    """``count`` training lines as places in the alphabet, shape [count, length]."""
    if isinstance(data, schema.Grammar):
        return grammar.sample(rng, count, data.length)
    train = billion_word.load(data).train
    return train[rng.integers(len(train), size=count)]


def held_out(data: schema.TextData, count: int, purpose: str) -> Flat:
    """``count`` lines that no training sees, the same for every run, in the form of ``sample``."""
    return one_hot(data, held_out_lines(data, count, purpose))


def held_out_lines(data: schema.TextData, count: int, purpose: str) -> Codes:
    """The same as places in the alphabet: without replacement, unless there are too few."""
    rng = stream("held out", purpose)
    if isinstance(data, schema.Grammar):
        return grammar.sample(rng, count, data.length)
    apart = billion_word.load(data).held_out
    enough = count <= len(apart)
    return apart[rng.permutation(len(apart))[:count] if enough else rng.integers(len(apart), size=count)]


def unigrams(data: schema.TextData, rng: np.random.Generator, count: int) -> Flat:
    """Lines whose characters are drawn apart, each as often as in training lines."""
    drawn = lines(data, rng, count)
    return one_hot(data, rng.permutation(drawn.ravel()).reshape(drawn.shape))


def one_hot(data: schema.TextData, codes: Codes) -> Flat:
    """Lines [count, length] as numbers, shape [count, length * characters]."""
    length, characters = line_shape(data)
    made = np.zeros((len(codes), length, characters), np.float32)
    np.put_along_axis(made, codes[:, :, None].astype(np.int64), 1.0, axis=2)
    return made.reshape(len(codes), -1)


def read(data: schema.TextData, values: NDArray[np.floating]) -> Codes:
    """The most probable character of each place: [..., length * characters] to [..., length]."""
    rows = values.reshape(*values.shape[:-1], *line_shape(data))
    return np.asarray(rows.argmax(axis=-1), np.uint8)
