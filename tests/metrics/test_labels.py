"""Counts of labels, and diversity where labels are blind."""

import numpy as np
import pytest

from suite.metrics.labels import (
    class_counts,
    classes_covered,
    diversity,
    label_collapse,
    shares_right,
    spreads,
)
from suite.metrics.score import score
from suite.streams import stream

RNG = stream("test", "labels")
REAL_LABELS = np.repeat(np.arange(4), 25)
REAL = RNG.standard_normal((100, 5)) + 10 * np.eye(5)[REAL_LABELS]


def test_classes_without_labels_count_zero() -> None:
    np.testing.assert_array_equal(class_counts(np.array([2, 0, 2]), 4), [1, 0, 2, 0])


def test_shares_are_of_each_class_asked_for() -> None:
    found, asked = np.array([0, 1, 1, 5, 5, 5]), np.array([0, 0, 1, 5, 5, 5])
    np.testing.assert_array_equal(shares_right(found, asked), [0.5, 1, 1])


def test_a_class_is_covered_from_a_tenth_of_its_share() -> None:
    labels = np.repeat([0, 1, 2], [97, 2, 1])  # of 20 with an even share
    assert classes_covered(labels, 5) == 2
    assert classes_covered(labels, 5, share=0.05) == 3


@pytest.mark.parametrize(
    ("labels", "collapse"),
    [(np.arange(8) % 4, 0.0), (np.zeros(8, dtype=np.int64), 1.0), (np.arange(8) % 2, 0.5)],
)
def test_collapse_runs_from_even_to_one_class(labels: np.ndarray, collapse: float) -> None:
    assert label_collapse(labels, 4) == pytest.approx(collapse)


def test_real_images_have_diversity_one() -> None:
    assert diversity(spreads(REAL, REAL_LABELS), REAL, REAL_LABELS) == pytest.approx(1)


def test_one_image_a_class_has_the_best_score_and_no_diversity() -> None:
    labels = np.repeat(np.arange(4), 10)
    assert score(np.eye(4)[labels]) == pytest.approx(4)
    assert diversity(spreads(REAL, REAL_LABELS), REAL[labels * 25], labels) == 0


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_diversity_is_the_ratio_of_distances(scale: float) -> None:
    centres = 10 * np.eye(5)[REAL_LABELS]
    assert diversity(
        spreads(REAL, REAL_LABELS), centres + scale * (REAL - centres), REAL_LABELS
    ) == pytest.approx(scale)


def test_diversity_has_no_unit() -> None:
    assert diversity(spreads(1e-4 * REAL, REAL_LABELS), 1e-4 * REAL, REAL_LABELS) == pytest.approx(1)


def test_classes_are_weighted_by_their_fakes() -> None:
    # One feature; pairs of the real classes are 1 and 10 apart, of the fake ones 2 and 10.
    real, real_labels = np.array([[0.0], [1.0], [0.0], [10.0]]), np.array([0, 0, 1, 1])
    fake, fake_labels = np.array([[0.0], [2.0], [4.0], [0.0], [10.0]]), np.array([0, 0, 0, 1, 1])
    first = np.mean([2.0, 2.0, 4.0])
    assert diversity(spreads(real, real_labels), fake, fake_labels) == pytest.approx(
        (3 * first + 2 * 10) / (3 * 1 + 2 * 10)
    )


def test_a_class_without_pairs_is_left_out() -> None:
    some = np.concatenate([np.arange(25), [30]])  # a whole class and one image of the next
    assert diversity(spreads(REAL, REAL_LABELS), REAL[some], REAL_LABELS[some]) == pytest.approx(1)


def test_where_no_class_has_pairs_nothing_is_measured() -> None:
    assert np.isnan(diversity(spreads(REAL, REAL_LABELS), REAL[::25], REAL_LABELS[::25]))
