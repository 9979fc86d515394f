"""Collapse, dropping and quality, told apart on made-up samples."""

import numpy as np
import pytest

from suite.data import toy
from suite.metrics.modes import collapse_index, coverage
from suite.spec import schema
from suite.streams import stream

RING = toy.modes(schema.EightGaussians())


def test_the_data_cover_everything() -> None:
    data = toy.sample(schema.EightGaussians(), stream("test", "modes"), 8000)
    found = coverage(data, RING)
    assert (found.covered, found.dropped) == (8, 0)
    # Within three standard deviations in the plane: 1 - exp(-9/2).
    assert found.good_share == pytest.approx(1 - np.exp(-4.5), abs=0.005)
    assert found.collapse < 0.001


def test_one_point_is_collapse_without_loss_of_quality() -> None:
    found = coverage(np.repeat(RING.centres[:1], 100, axis=0), RING)
    assert found == (1, 7, 1.0, 1.0)


def test_half_of_the_modes_is_dropping_and_a_third_of_collapse() -> None:
    found = coverage(np.repeat(RING.centres[:4], 25, axis=0), RING)
    assert (found.covered, found.dropped) == (4, 4)
    assert found.collapse == pytest.approx(1 - np.log(4) / np.log(8))


def test_samples_near_no_mode_are_poor_but_no_collapse() -> None:
    found = coverage(np.repeat(RING.centres * 1.2, 10, axis=0), RING)
    assert found.covered == 0
    assert found.good_share == 0
    assert found.collapse == pytest.approx(0)


def test_a_single_lucky_sample_does_not_cover_a_mode() -> None:
    samples = np.concatenate([np.repeat(RING.centres[:1], 9999, axis=0), RING.centres[1:2]])
    assert coverage(samples, RING).covered == 1


@pytest.mark.parametrize(("good", "covered"), [(10, 8), (9, 7)])
def test_a_mode_is_covered_from_a_hundredth_of_its_share(good: int, covered: int) -> None:
    """Of 8,000 samples each of eight modes has a share of 1,000."""
    counts = [good, *[1000] * 6, 2000 - good]
    assert coverage(np.repeat(RING.centres, counts, axis=0), RING).covered == covered


def test_a_sample_three_deviations_away_is_still_good() -> None:
    modes = toy.Modes(np.array([[0.0, 0.0], [64.0, 0.0]]), 1.0)
    away = np.array([[3.0, 0.0], [0.0, -3.0], [3.125, 0.0], [64.0, 3.0]])
    assert coverage(away, modes).good_share == 3 / 4


def test_collapse_index_runs_from_even_to_one() -> None:
    assert collapse_index(np.arange(5), 5) == pytest.approx(0)
    assert collapse_index(np.zeros(5, dtype=int), 5) == pytest.approx(1)
