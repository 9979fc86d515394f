"""Which experiments a command is about, in which folders; and the words that somebody can type for it."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from suite import places
from suite.report.regenerate import Again
from suite.spec.schema import Scale


class Selection(NamedTuple):
    """What a command's words choose."""

    what: tuple[str, ...]
    """Experiments, and overrides."""
    tags: tuple[str, ...]
    packs: tuple[Path, ...]
    scale: Scale
    experiments: Path
    results: Path
    data: Path | None
    """None where no word names the folder."""

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Selection":
        """Of a command's options."""
        return cls(
            what=tuple(options.what),
            tags=tuple(options.tag),
            packs=tuple(options.pack),
            scale=options.scale,
            experiments=options.experiments,
            results=options.results,
            data=options.data,
        )

    def alone(self, *what: str) -> "Selection":
        """The same of these experiments, whatever else was chosen."""
        return self._replace(what=what, tags=())

    def typed(self, name: str, first: Sequence[str] = (), last: Sequence[str] = ()) -> str:
        """A command on the same experiments, in the same folders."""
        words = [name, *first, *self.words, *self._places, *last]
        return f"{places.COMMAND} {shlex.join(words)}"

    @property
    def words(self) -> list[str]:
        """Those that choose experiments, packs and the scale; the shipped experiments' folder needs none."""
        chosen = [*self.what, *repeated("--tag", self.tags), *repeated("--pack", self.packs)]
        return [*chosen, "--scale", self.scale, *self._experiments]

    @property
    def words_anywhere(self) -> list[str]:
        """All but the one that names the folder of results, for a command on another one."""
        return [*self.words, *self._data]

    @property
    def again(self) -> Again:
        """What makes a report of these again, and of other experiments in the same folders."""
        return Again(self.typed("run"), (*self._experiments, *self._places))

    @property
    def of_all(self) -> str:
        """Below the place of a report on what was named: what makes that on everything; else nothing."""
        if not (self.what or self.tags):
            return ""
        again = self.alone().typed("report")
        return f"    of what was named, in the place of any other; {again} makes that of all\n"

    @property
    def _experiments(self) -> list[str]:
        usual = self.experiments == places.EXPERIMENTS
        return [] if usual else ["--experiments", str(self.experiments)]

    @property
    def _data(self) -> list[str]:
        return [] if self.data is None else ["--data", str(self.data)]

    @property
    def _places(self) -> list[str]:
        return [*self._data, *places.into(self.results)]


def repeated(option: str, values: Sequence[object]) -> list[str]:
    """The words that give an option once for each value."""
    return [word for value in values for word in (option, str(value))]
