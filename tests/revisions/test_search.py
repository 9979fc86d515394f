"""The binary search, against looking at every stage."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.revisions.search import first_change


class History:
    """Stages that differ from a certain one on; remembers which were asked."""

    def __init__(self, change: int) -> None:
        self.change = change
        self.asked: list[int] = []

    def differs(self, stage: int) -> bool:
        self.asked.append(stage)
        return stage >= self.change


@pytest.mark.parametrize("stages", [2, 3, 4, 5, 8, 17, 33, 64])
def test_every_change_is_found_within_the_bound(stages: int) -> None:
    for change in range(1, stages + 1):
        history = History(change)
        found = first_change(stages, history.differs)
        assert found == (change if change < stages else None, ())
        assert len(history.asked) == len(set(history.asked)) <= math.ceil(math.log2(stages))


@pytest.mark.parametrize("stages", [2, 3, 9, 64])
def test_an_end_that_is_known_to_differ_is_not_asked_again(stages: int) -> None:
    for change in range(1, stages):
        history = History(change)
        assert first_change(stages, history.differs, known=stages - 1).first == change
        assert stages - 1 not in history.asked


@given(stages=st.integers(2, 40), data=st.data())
def test_stages_that_cannot_be_tried_are_doubted_where_they_matter(stages: int, data: st.DataObject) -> None:
    change = data.draw(st.integers(1, stages))
    broken = data.draw(st.sets(st.integers(1, stages - 1)))
    found = first_change(stages, lambda stage: None if stage in broken else stage >= change)
    sound = [stage for stage in range(1, stages) if stage not in broken]
    assert found.first == next((stage for stage in sound if stage >= change), None)
    before = max([0, *(stage for stage in sound if stage < change)])
    assert found.doubtful == tuple(range(before + 1, stages if found.first is None else found.first))
    assert set(found.doubtful) <= broken
