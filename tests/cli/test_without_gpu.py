"""``run`` at a scale for GPUs, on a machine without one."""

import json

import pytest

from suite.commands import without_gpu
from suite.plain import spelled
from tests.cli.calls import Place

RUN = ("run", "--no-report", "--quiet", "--workers", "2")


@pytest.fixture
def heavy(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Two arms of hours each at paper scale, of no time at gpu scale; no GPU."""
    monkeypatch.setattr(without_gpu, "has_gpu", lambda: False)
    place.edit("paper: {base: {iterations: 1000000}}", "paper: {base: {iterations: 300000000}}")
    return place


def told(place: Place) -> str:
    """What is said of it: two batches alike, on two workers."""
    (study,) = json.loads(place.call("plan", "--scale", "paper", "--json").out)["studies"]
    return f"no GPU is here: paper scale takes about {spelled(study['seconds'] / 2)} on 2 cores"


def test_what_takes_hours_without_a_gpu_is_refused_with_the_time_and_the_cures(heavy: Place) -> None:
    answer = heavy.call(*RUN, "--scale", "paper")
    assert answer.status == 2
    assert answer.err.startswith(f"error: {told(heavy)}\n    ")
    assert "hours on 2 cores" in answer.err
    assert "--scale desk" in answer.err
    assert "--without-gpu trains here all the same" in answer.err
    assert not heavy.results.exists()


@pytest.mark.parametrize("consent", ["--without-gpu", "variable"])
def test_who_insists_is_told_the_time(heavy: Place, consent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def trained(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("suite.launch.local.run_here", trained)
    words = ["--without-gpu"] if consent != "variable" else []
    if not words:
        monkeypatch.setenv(without_gpu.VARIABLE, "1")
    answer = heavy.call(*RUN, "--scale", "paper", *words)
    assert answer.status == 130
    assert answer.err.startswith(f"{told(heavy)}; stop it whenever you like\n")


def test_what_is_short_or_has_a_gpu_just_runs(heavy: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = heavy.call(*RUN, "--scale", "gpu")
    assert (answer.status, answer.err) == (0, "")
    monkeypatch.setattr(without_gpu, "has_gpu", lambda: True)
    monkeypatch.setattr("suite.launch.local.run_here", lambda *_, **__: pytest.fail("it goes on"))
    with pytest.raises(pytest.fail.Exception, match="it goes on"):
        heavy.call(*RUN, "--scale", "paper")
