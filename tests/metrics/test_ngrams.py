"""n-gram divergence against closed forms, the released code's way of counting, and a known grammar."""

from collections import Counter
from math import log

import numpy as np
import pytest
from numpy.typing import NDArray

from suite.data import grammar
from suite.metrics.ngrams import NGrams, divergence, ngrams
from tests.data.grams import probabilities

CHARACTERS = len(grammar.ALPHABET)


def by_hand(lines: NDArray[np.uint8], n: int) -> dict[tuple[int, ...], float]:
    """Shares of n-grams as tuples, counted one by one."""
    counts = Counter(tuple(map(int, line[i : i + n])) for line in lines for i in range(len(line) - n + 1))
    return {gram: count / counts.total() for gram, count in counts.items()}


def js_of(left: dict[tuple[int, ...], float], right: dict[tuple[int, ...], float]) -> float:
    """The divergence over log 2, as a sum over both supports (NgramLanguageModel.js_with)."""
    total = 0.0
    for mine, other in ((left, right), (right, left)):
        total += sum(p * log(2 * p / (p + other.get(gram, 0.0))) for gram, p in mine.items())
    return total / 2 / log(2)


def numbered(shares: dict[tuple[int, ...], float]) -> NGrams:
    numbers = {sum(c * CHARACTERS**i for i, c in enumerate(gram[::-1])): p for gram, p in shares.items()}
    order = sorted(numbers)
    return NGrams(np.array(order), np.array([numbers[number] for number in order]))


def drawn(count: int, seed: int = 0) -> NDArray[np.uint8]:
    return grammar.sample(np.random.default_rng(seed), count, 12)


@pytest.mark.parametrize("n", range(1, 7))
def test_counts_and_divergence_are_those_of_the_released_code(n: int) -> None:
    left, right = drawn(40), drawn(60, seed=1)
    right[:, ::3] = 5
    mine = divergence(ngrams(left, n, CHARACTERS), ngrams(right, n, CHARACTERS))
    assert mine == pytest.approx(js_of(by_hand(left, n), by_hand(right, n)), rel=1e-9)
    assert 0.05 < mine < 1


def test_nothing_in_common_is_one_and_the_same_is_zero() -> None:
    zeros, ones = np.zeros((3, 8), np.uint8), np.ones((2, 8), np.uint8)
    assert divergence(ngrams(zeros, 3, 2), ngrams(ones, 3, 2)) == pytest.approx(1.0)
    assert divergence(ngrams(ones, 3, 2), ngrams(ones, 3, 2)) == 0.0


def test_half_of_a_text_in_common() -> None:
    """p = (1/2, 1/2, 0), q = (1/2, 0, 1/2): half of both is the same, half is not."""
    left, right = np.array([[0], [1]]), np.array([[0], [2]])
    assert divergence(ngrams(left, 1, 3), ngrams(right, 1, 3)) == pytest.approx(0.5)


def test_no_n_gram_goes_from_one_line_to_the_next() -> None:
    lines = np.array([[0, 1, 2], [2, 2, 0]])
    np.testing.assert_array_equal(ngrams(lines, 3, 3).grams, [0 * 9 + 1 * 3 + 2, 2 * 9 + 2 * 3 + 0])


def test_too_many_characters_are_an_error() -> None:
    ngrams(np.zeros((1, 6), np.uint8), 6, 255)
    with pytest.raises(ValueError, match="too many"):
        ngrams(np.zeros((1, 9), np.uint8), 9, 255)
    # 3^39 is below 2^62, 3^40 between 2^63 and 2^64.
    np.testing.assert_array_equal(ngrams(np.full((1, 39), 2), 39, 3).grams, [3**39 - 1])
    with pytest.raises(ValueError, match="too many"):
        ngrams(np.full((1, 40), 2), 40, 3)


@pytest.mark.parametrize("n", range(1, 7))
def test_of_many_lines_it_comes_to_zero_from_the_exact_probabilities(n: int) -> None:
    """About (kinds - 1) / (8 N log 2) is left of N independent n-grams, more of those of one line."""
    exact = numbered(probabilities(n))
    few, many = (divergence(ngrams(drawn(count), n, CHARACTERS), exact) for count in (500, 20_000))
    assert many < few / 10
    assert many < 6 * len(exact.grams) / (8 * 20_000 * (13 - n) * log(2))


@pytest.mark.parametrize("n", [2, 4])
def test_the_divergence_of_two_known_texts_is_found(n: int) -> None:
    """The grammar's lines against letters of the same frequencies drawn one by one."""
    single = probabilities(1)
    exact = probabilities(n)
    # Only n-grams of the grammar add to the sum by themselves; of the others there is but their total.
    shared = {gram: float(np.prod([single[(c,)] for c in gram])) for gram in exact}
    closed = js_of(exact, shared) + (1 - sum(shared.values())) / 2
    rng, shares = np.random.default_rng(1), [single[(c,)] for c in range(CHARACTERS)]
    letters = rng.choice(CHARACTERS, size=(60_000, 12), p=shares)
    found = divergence(ngrams(drawn(20_000), n, CHARACTERS), ngrams(letters, n, CHARACTERS))
    assert found == pytest.approx(closed, abs=0.01)
