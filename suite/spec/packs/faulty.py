"""Code of packs that raises, or gives something else than it must, where a command can go on without it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from suite.errors import UserError
from suite.spec.packs.code import Absent, brought
from suite.spec.packs.declaration import NOUNS, Section
from suite.spec.packs.found import Pack, pack
from suite.spec.packs.lines import line_at, line_of, summary_of
from suite.spec.packs.noted import note, noted

WITHOUT: Final = {
    "figures": "until then a sentence is in its place",
    "metrics": "until then runs are without it",
}
"""What becomes of what the code was to make, by section."""


class Faulty(UserError):
    """What a pack brings does not work. Nothing else has to stop for it."""

    def __init__(self, about: str, fault: str, place: str, cure: str) -> None:
        super().__init__(f"{about}: {fault}\n    {place}: {cure}" if place else f"{about}: {fault}")
        self.about, self.fault, self.place = about, fault, place

    def note(self) -> None:
        """Let the command tell it when it ends."""
        note(self.about, str(self))


@contextmanager
def blamed(section: Section, use: str) -> Iterator[None]:
    """Within, whatever is raised is a fault of what a pack brings under that name, and raised as ``Faulty``;
    but for ``Absent``, where the pack is not here.
    """
    try:
        yield
    except (Absent, Faulty):
        raise
    except UserError as error:  # There is no such code, which says where and has a cure.
        raise Faulty(about(section, use), str(error).removeprefix(f"{use}: "), "", "") from error
    except Exception as error:
        place = failed_at(section, use, error)
        raise Faulty(about(section, use), summary_of(error), place, _cure(section)) from error


def gave(section: Section, use: str, value: object, wanted: str) -> Faulty:
    """What to raise where that code gave something else than it must."""
    fault = f"gave {'None' if value is None else type(value).__name__}, not {wanted}"
    return Faulty(about(section, use), fault, defined(section, use), _cure(section))


def is_faulty(section: Section, use: str) -> bool:
    """Whether a fault of it was noted."""
    return about(section, use) in noted()


def about(section: Section, use: str) -> str:
    """What a message calls it."""
    return f"{NOUNS[section]} {use!r}"


def _cure(section: Section) -> str:
    return f"mend it there; {WITHOUT[section]}"


def defined(section: Section, use: str) -> str:
    """The file and line where its code is."""
    return line_at(_pack(use), brought(section, use).at)


def failed_at(section: Section, use: str, error: Exception) -> str:
    """The file and line of the pack where an error came from, or where its code is, if from elsewhere."""
    return line_of(error, _pack(use)) or defined(section, use)


def _pack(use: str) -> Pack:
    found = pack(use.partition("/")[0])
    assert found is not None  # Else it would be ``Absent``.
    return found
