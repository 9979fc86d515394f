"""A throw-away experiments folder, and a pool that trains in this process."""

from collections import deque
from collections.abc import Iterable
from pathlib import Path

import msgspec

from suite.launch.job import Job
from suite.launch.perform import perform
from suite.launch.pool import Watcher

PAPER = """\
id: small2020
title: Small networks
authors: A. Author
year: 2020
venue: Nowhere
url: https://example.org/small
bibtex: "@misc{small2020}"
"""
PAIR = """\
id: small/pair
title: A pair of arms
paper: small2020
figure: Figure 1
tags: [toy, pair]
base:
  data: eight_gaussians
  generator: {kind: mlp, layers: 2, width: 4}
  critic: {kind: mlp, layers: 3, width: 4}
  loss: wasserstein
  optimizer: {kind: rmsprop, lr: 1e-3}
  batch_size: 4
  iterations: 20
arms:
  clip: {constraint: {kind: clip, bound: 0.1}}
  penalty: {constraint: {kind: gradient_penalty}}
metrics:
  loss: {series: losses.critic, says: critic loss}
claims:
  decided:
    says: The loss is above -1000 more often than in 3 of 10 runs.
    kind: rate
    metric: loss
    arm: clip
    better: higher
    cut: -1000
    margin: 0.3
    looks: [4, 8]
  undecided:
    says: It is above -1000 in more than 9 of 10 runs, which 8 seeds cannot show.
    kind: rate
    metric: loss
    arm: penalty
    better: higher
    cut: -1000
    margin: 0.9
    looks: [4, 8]
figures:
  losses: {kind: seeds, title: Losses, y: loss}
scales:
  smoke: {base: {iterations: 2}}
  desk: {}
  gpu: {}
  paper: {base: {iterations: 1000000}}
"""
"""At first four seeds of each arm; ``undecided`` then asks for four more of ``penalty``."""


def write_experiments(root: Path, text: str = PAIR) -> Path:
    """A folder of experiments with one file."""
    folder = root / "experiments" / "small"
    folder.mkdir(parents=True)
    (folder / "paper.yaml").write_text(PAPER)
    (folder / "pair.yaml").write_text(text)
    return folder.parent


class PoolHere:
    """Stands in for ``suite.launch.pool.Pool``: no worker process, no time to start one."""

    def __init__(self, size: int, watcher: Watcher, *, leaving: str = "") -> None:
        self.size, self.watcher = size, watcher

    def run(self, jobs: Iterable[bytes]) -> None:
        """Train job after job."""
        waiting = deque(jobs)
        while waiting:
            job = waiting.popleft()
            perform(msgspec.json.decode(job, type=Job), lambda share, note: None, lambda: False)
            waiting.extend(self.watcher.ended(job))
