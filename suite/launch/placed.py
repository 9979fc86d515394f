"""What is told of code of a pack that was tried before a job: with the pack's file and line."""

from collections.abc import Iterator
from contextlib import contextmanager

from suite.errors import UserError
from suite.launch.resume import DEVICE
from suite.spec.packs.declaration import Section
from suite.spec.packs.faulty import about, defined, failed_at
from suite.spec.packs.lines import summary_of


@contextmanager
def placed(section: Section, use: str, how: str) -> Iterator[None]:
    """Within, a UserError is told with the place where a pack defines what it brings under that name; any
    other error, with ``how`` that was used and the line where it came from, as a UserError.
    """
    try:
        yield
    except DEVICE:  # It is the device that failed, and not the pack.
        raise
    except UserError as error:
        raise UserError(f"{error}\n    {defined(section, use)}") from None
    except Exception as error:
        raise UserError(
            f"{about(section, use)}, {how}: {summary_of(error)}\n"
            f"    {failed_at(section, use, error)}: mend it there"
        ) from error
