"""The rows of the table of all runs as HTML: of a hundred thousand, Jinja would take three times as long."""

import re
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from suite.report.views import RunRow

ROW: Final = (
    '<tr id="%s"><th scope="row"><code>%s</code></th><td>%s</td><td class="number">%s</td>'
    '<td class="whole">%s</td><td><code>%s</code></td></tr>\n'
)
"""Of a ``RunRow``, in the order of its fields."""
SPECIAL: Final = re.compile("[&<>\"']").search
"""What is escaped."""


def rows(runs: Iterable[RunRow]) -> Markup:
    """A row for each run, every cell escaped."""
    return Markup("".join(ROW % _escaped(run) for run in runs))  # noqa: S704  All that is not ours is escaped.


def _escaped(run: RunRow) -> tuple[str, ...]:
    return tuple(map(escape, run)) if SPECIAL("".join(run)) else run
