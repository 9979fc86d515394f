"""Keyed streams: the same names give the same numbers, other names others."""

import numpy as np
import pytest

from suite.streams import stream


def test_a_stream_is_what_its_names_say() -> None:
    np.testing.assert_array_equal(stream("run", "noise", 3).random(5), stream("run", "noise", 3).random(5))


@pytest.mark.parametrize(
    "names", [("other", "noise", 3), ("run", "real", 3), ("run", "noise", 4), ("runnoise", "", 3)]
)
def test_each_name_matters(names: tuple[str, str, int]) -> None:
    assert not np.isin(stream(*names).random(100), stream("run", "noise", 3).random(100)).any()


def test_streams_stay_what_they_are() -> None:
    """Every result of every version rests on these numbers."""
    expected = [116, 560, 203, 545]
    np.testing.assert_array_equal(stream("key", "purpose", 1).integers(1000, size=4), expected)


def test_blocks_are_independent_uniforms() -> None:
    blocks = np.stack([stream("run", "noise", block).random(200) for block in range(200)])
    assert abs(blocks.mean() - 0.5) < 5 * (1 / 12 / blocks.size) ** 0.5
    correlation = np.corrcoef(blocks[:-1].ravel(), blocks[1:].ravel())[0, 1]
    assert abs(correlation) < 5 / blocks.size**0.5
