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
