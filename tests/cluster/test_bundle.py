"""Batches to jobs, and how long these take."""

import random
from collections.abc import Sequence

import pytest

from suite.cluster.bundle import SHARE, bundled, duration
from suite.cluster.profile import Profile
from suite.launch.batches import Batch

HOUR = 3600.0


def batches(*seconds: float) -> list[Batch]:
    return [Batch((), each) for each in seconds]


def sizes(found: Sequence[Batch], profile: Profile) -> list[int]:
    return [len(each.batches) for each in bundled(found, profile)]


@pytest.mark.parametrize(
    ("profile", "seconds"),
    [
        (Profile(cpus=16), 10 * HOUR),
        (Profile(cpus=1), 10 * HOUR),
        (Profile(cpus=16, speed=2.0), 5 * HOUR),
        (Profile(cpus=16, gpus=1), 10 * HOUR),
    ],
)
def test_one_batch_takes_as_long_on_many_cores_as_on_one(profile: Profile, seconds: float) -> None:
    assert duration(batches(10 * HOUR), profile) == seconds


def test_batches_side_by_side_take_as_long_as_the_longest() -> None:
    found = batches(3 * HOUR, 2 * HOUR, HOUR)
    assert duration(found, Profile(cpus=3)) == 3 * HOUR
    assert duration(found, Profile(cpus=2)) == 3 * HOUR
    assert duration(found, Profile(cpus=1)) == 6 * HOUR
    assert duration(found, Profile(cpus=3, gpus=1)) == 6 * HOUR
    assert duration(found, Profile(cpus=3, processes=2)) == 6 * HOUR


def test_jobs_are_about_as_long_as_they_are_meant_to_be() -> None:
    tens = batches(*[600.0] * 12)
    assert sizes(tens, Profile()) == [3, 3, 3, 3]
    assert sizes(tens, Profile(speed=2.0)) == [6, 6]
    assert sizes(tens, Profile(cpus=2)) == [6, 6]
    assert sizes(tens, Profile(cpus=4)) == [12]
    assert sizes(tens, Profile(time=1500)) == [2] * 6, "of 25 minutes 20 may be planned with"


def test_what_is_longer_has_a_core_to_itself_but_no_whole_job() -> None:
    assert sizes(batches(*[HOUR] * 17), Profile(cpus=16)) == [16, 1]
    assert sizes(batches(*[HOUR] * 3), Profile(cpus=1)) == [1, 1, 1]


def test_short_batches_are_trained_beside_a_long_one_but_no_longer_than_elsewhere() -> None:
    """One on each idle core; a second would end after 40 minutes, in a job of its own sooner."""
    found = batches(10 * HOUR, *[1200.0] * 10)
    assert sizes(found, Profile(cpus=4)) == [4, 4, 3]
    assert sizes(found, Profile(cpus=4, target=2400)) == [7, 4]


def test_short_batches_do_not_wait_for_a_long_one_behind_them() -> None:
    """The cheapest experiment comes first."""
    assert sizes(batches(60.0, 60.0, HOUR), Profile(cpus=4)) == [2, 1]


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_every_batch_is_in_one_job_and_none_is_longer_than_its_longest_asks_for(cores: int) -> None:
    profile = Profile(cpus=cores, target=1800, time=1800)
    draw = random.Random(cores)
    found = batches(*(draw.uniform(1.0, 4000.0) for _ in range(200)))
    jobs = bundled(found, profile)
    assert [batch for job in jobs for batch in job.batches] == found
    for job in jobs:
        longest = max(batch.seconds for batch in job.batches)
        assert duration(job.batches, profile) <= max(SHARE * 1800, longest)
    assert len(jobs) < len(found)
