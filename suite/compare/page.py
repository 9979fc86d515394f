"""A comparison as one self-contained HTML page."""

from pathlib import Path

from suite.compare import text
from suite.compare.compare import Comparison
from suite.compare.origins import environments, named
from suite.compare.packs import labels
from suite.compare.strips import LEFT, LOST, RIGHT, WIDTH
from suite.compare.views import LOOKS, experiments, marks, runs
from suite.errors import UserError
from suite.report import words
from suite.report.html import allowed, templates
from suite.store.files import write


def write_page(found: Comparison, folder: Path, command: str) -> Path:
    """Write index.html, which needs no other file and no network; ``command`` makes it again. UserError
    where it cannot be written.
    """
    page = folder / "index.html"
    try:
        write(page, render(found, command).encode())
    except OSError as error:
        raise UserError(
            f"{page}: cannot be written: {error.strerror}\n    give --page a folder, new or writable"
        ) from None
    return page


def render(found: Comparison, command: str) -> str:
    """The page's HTML. Every string that comes from a file or the command line is escaped."""
    known, everywhere = templates(), environments(found)
    return known.get_template("compare.html.j2").render(
        found=found,
        script=allowed(known.get_template("compare.js.j2").render()),
        marks=marks(found),
        looks=LOOKS,
        labels=labels(found),
        sides=named(found) + [row for row in everywhere if row.before != row.after],
        alike=[row for row in everywhere if row.before == row.after],
        notes=list(text.notes(found)),
        differing=text.differing(found),
        experiments=experiments(found),
        runs=runs(found),
        command=command,
        words=words,
        drawing={"width": WIDTH, "left": LEFT, "right": RIGHT, "lost": LOST},
    )
