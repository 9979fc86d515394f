"""The bar that shows how far a run has come."""

import io

import pytest

from suite.launch.bar import Bar


def test_the_bar_ends_where_all_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())
    bar = Bar(shown=True)
    jobs = {f"{index}".encode(): 0.1 * index for index in range(1, 30)}
    bar.more(jobs)
    for part in range(1, 8):
        for job in jobs:
            bar.advanced(job, part / 7)
    assert bar.bar.n <= bar.bar.total == pytest.approx(bar.bar.n)
    bar.close()


def test_the_time_left_is_told_when_some_of_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    bar = Bar(shown=True)
    bar.more({b"job": 100.0})
    told = []
    for share in (0.01, 0.5):
        bar.advanced(b"job", share)
        told.append(str(bar.bar))
    bar.close()
    assert "about ? left" in told[0]
    assert "about 0" in told[1]


def test_where_nobody_watches_few_lines_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    bar = Bar(shown=True)
    bar.more({b"job": 100.0})
    before = stream.getvalue().count("\r")
    for part in range(1, 100):
        bar.advanced(b"job", part / 100)
    assert stream.getvalue().count("\r") - before <= 1
    bar.close()
