"""Durations and memory, as they are written and as they are meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.cluster.units import Unclear, duration, mebibytes, memory, on_clock, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("45s", 45),
        ("90m", 5400),
        ("2h", 7200),
        ("1h30m", 5400),
        ("1d", 86400),
        ("1d2h3m4s", 93784),
        ("0s", 0),
    ],
)
def test_a_duration_is_the_sum_of_its_parts(text: str, value: int) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("90", "write 90m for minutes, 90h for hours"),
        ("01:30:00", "write 1h30m"),
        ("1-12:00:00", "write 1d12h"),
        ("1-12:30", "write 1d12h30m"),
        ("01:30", "write 1m30s or 1h30m"),
        ("1.5h", "write 1h30m"),
        ("2 hours", "write 2h"),
        ("2H", "write 2h"),
        ("30min", "write 30m"),
        ("5ms", "write for example"),
        ("3 months", "write for example"),
        ("30m1h", "write for example"),
        ("-5m", "write for example"),
        ("", "write for example"),
        ("soon", "write for example"),
        ("5m\n", "write for example"),
        ("٣m", "write for example"),
        ("9999999999m", "write for example"),
    ],
)
def test_what_is_no_duration_is_refused_with_what_may_be_meant(text: str, cure: str) -> None:
    with pytest.raises(Unclear) as caught:
        seconds(text)
    assert str(caught.value).startswith(cure)


@given(st.integers(0, 10**8))
def test_a_duration_is_read_as_it_was_written(value: int) -> None:
    assert seconds(duration(value)) == value


@pytest.mark.parametrize(("text", "value"), [("512M", 512), ("8G", 8192), ("1T", 1048576)])
def test_memory_counts_by_1024_as_slurm_does(text: str, value: int) -> None:
    assert mebibytes(text) == value


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("4096", "write 4096M or 4096G"),
        ("8GB", "write 8G"),
        ("8 GiB", "write 8G"),
        ("1.5G", "write 1536M"),
        ("8g", "write 8G"),
        ("512K", "write for example"),
        ("8Gx", "write for example"),
        ("-8G", "write for example"),
        ("", "write for example"),
        ("8G\n", "write for example"),
    ],
)
def test_what_is_no_memory_is_refused_with_what_may_be_meant(text: str, cure: str) -> None:
    with pytest.raises(Unclear) as caught:
        mebibytes(text)
    assert str(caught.value).startswith(cure)


@given(st.integers(0, 10**8))
def test_memory_is_read_as_it_was_written(value: int) -> None:
    assert mebibytes(memory(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1-00:00:00", 86400),
        ("4:00:00", 14400),
        ("30:00", 1800),
        ("infinite", None),
        ("n/a", None),
        ("60", None),
    ],
)
def test_slurms_own_form_of_a_limit(text: str, value: int | None) -> None:
    assert on_clock(text) == value
