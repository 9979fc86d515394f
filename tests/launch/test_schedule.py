"""How long batches take side by side."""

import pytest

from suite.launch.batches import Batch
from suite.launch.schedule import wall


def batches(*seconds: float) -> list[Batch]:
    return [Batch((), each) for each in seconds]


def test_no_worker_ends_before_its_longest_batch() -> None:
    found = batches(10.0, 2.0, 2.0)
    assert wall(found, 1) == 14.0
    assert wall(found, 2) == 10.0
    assert wall([], 2) == 0.0


@pytest.mark.parametrize(("count", "seconds"), [(1, 60.0), (2, 60.0), (3, 120.0), (4, 120.0), (5, 180.0)])
def test_a_batch_is_not_shared_by_two_workers(count: int, seconds: float) -> None:
    """The mean of two workers would be 90 seconds for three batches of a minute."""
    assert wall(batches(*[60.0] * count), 2) == seconds


def test_who_is_free_first_takes_the_next() -> None:
    assert wall(batches(5.0, 3.0, 1.0, 4.0), 2) == 8.0
    assert wall(batches(4.0, 5.0, 3.0, 1.0), 2) == 7.0
