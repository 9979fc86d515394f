"""The bar that shows how far a run has come."""

import io

import pytest

from suite.launch.bar import Bar
from suite.progress import SELDOM


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
    for part in range(1, 100):
        bar.advanced(b"job", part / 100)
        bar.note(f"part {part}")
    bar.close()
    lines = stream.getvalue().splitlines()
    assert 1 <= len(lines) <= 3
    assert all("gone, about" in line for line in lines)
    assert "\r" not in stream.getvalue()


def test_where_nobody_watches_a_line_is_written_when_it_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, stream = [0.0], io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    bar = Bar(shown=True)
    bar.more({b"job": 100.0})
    for part in range(1, 101):
        now[0] += SELDOM / 10
        bar.note(f"part {part}")
        bar.advanced(b"job", part / 100)
    lines = stream.getvalue().splitlines()
    bar.close()
    assert 8 <= len(lines) <= 12
    assert "part" in lines[-1]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_messages_stand_above_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("sys.stdout", screen)
    bar = Bar(shown=True)
    bar.more({b"job": 100.0})
    bar.say("a verdict")
    bar.note("step 7")
    bar.close()
    written = screen.getvalue()
    before, after = written.split("a verdict\n")
    assert before.endswith("\r")  # The bar was wiped away.
    assert "step 7" in after
