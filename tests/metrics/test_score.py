"""The Inception score at its ends, and against its definition."""

import numpy as np
import pytest
from scipy.stats import entropy

from suite.metrics.score import score, scores
from suite.streams import stream

P = stream("test", "score").dirichlet(np.full(6, 0.3), size=100)


def test_sure_and_even_labels_score_the_number_of_classes() -> None:
    assert score(np.tile(np.eye(7), (3, 1))) == pytest.approx(7)


def test_one_image_of_each_class_scores_as_well_as_many() -> None:
    assert score(np.repeat(np.eye(7), 50, axis=0)) == pytest.approx(score(np.eye(7)))


@pytest.mark.parametrize("row", [np.full(7, 1 / 7), np.eye(7)[2]])
def test_the_same_answer_for_every_image_scores_one(row: np.ndarray) -> None:
    assert score(np.tile(row, (20, 1))) == pytest.approx(1)


def test_it_is_the_mean_relative_entropy() -> None:
    expected = np.exp(np.mean([entropy(p, P.mean(axis=0)) for p in P]))
    assert score(P) == pytest.approx(expected, rel=1e-12)


def test_it_falls_as_labels_get_unsure() -> None:
    sure = np.tile(np.eye(5), (10, 1))
    found = [score((1 - unsure) * sure + unsure / 5) for unsure in (0.0, 0.1, 0.3, 0.6, 0.9)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 5


def test_splits_are_scored_apart() -> None:
    parts = [score(part) for part in (P[:33], P[33:66], P[66:])]
    np.testing.assert_allclose(scores(P, 3), parts)
    assert score(P, 3) == pytest.approx(np.mean(parts))


def test_more_parts_than_images_are_refused() -> None:
    with pytest.raises(ValueError, match="100 images in 101 parts"):
        scores(P, 101)
