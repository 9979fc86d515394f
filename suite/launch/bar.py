"""The progress of a ``run``."""

import sys
import time

from suite.printing import say
from suite.progress import is_watched, progress

FORM = "{{percentage:3.0f}}% |{{bar}}| {{elapsed}} gone, about {} left{{postfix}}"
EARLY = 0.02
"""Until so much is done the pace says little: workers are loading, and the first jobs are unlike others."""


class Bar:
    """Progress in estimated seconds of one core, on stderr; messages go to stdout."""

    def __init__(self, shown: bool) -> None:
        self.bar = progress(0.0, FORM.format("?"), shown)
        self.watched = is_watched()
        if shown:  # The time of day may jump, and the time left with it.
            self.bar._time = time.monotonic  # type: ignore[attr-defined]
            self.bar.start_t = self.bar.last_print_t = time.monotonic()
        self.total = 0.0
        self.weights: dict[bytes, float] = {}
        self.shares: dict[bytes, float] = {}

    def more(self, weights: dict[bytes, float]) -> None:
        """Jobs have been added."""
        self.weights |= weights
        self.total = self.bar.total = sum(self.weights.values())
        if self.watched:
            self.bar.refresh()

    def forget(self) -> None:
        """No job has been added yet."""
        self.weights.clear()

    def advanced(self, job: bytes, share: float) -> None:
        """A job is at ``share`` of its way."""
        before = self.shares.get(job, 0.0)
        self.shares[job] = share
        step = (share - before) * self.weights.get(job, 0.0)
        # Roundings may add up to more than there is.
        self.bar.update(min(step, self.total - self.bar.n))
        if self.bar.n > EARLY * self.total:
            self.bar.bar_format = FORM.format("{remaining}")

    def note(self, text: str) -> None:
        """Show what was heard of last."""
        self.bar.set_postfix_str(text, refresh=self.watched)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if self.watched:
            self.bar.clear()
        say(sys.stdout, text)
        if self.watched:
            self.bar.refresh()

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.bar.close()
