"""The parser of the command line: argparse, with this suite's form of errors."""

import argparse
import re
import sys
from typing import NoReturn

from suite.errors import USER_ERROR
from suite.spec.places import nearest


class Parser(argparse.ArgumentParser):
    """argparse that says what was meant, or else where help is."""

    def takes(self, name: str) -> bool:
        """Whether there is an argument of this name."""
        return any(action.dest == name for action in self._actions)

    def error(self, message: str) -> NoReturn:
        """Exit with status 2, saying what is wrong and the cure."""
        meant = self._meant(message)
        cure = f"did you mean {meant}?" if meant else f"try: {self.prog} --help"
        self.exit(USER_ERROR, f"error: {message}\n    {cure}\n")

    def _meant(self, message: str) -> str:
        """The command, choice or option most like the one that is none; empty where none is."""
        if choice := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message):
            return nearest(choice[1], re.findall(r"[\w-]+", choice[2]))
        if unknown := re.search(r"unrecognized arguments: (-[^\s=]*)", message):
            return nearest(unknown[1], self._option_string_actions)
        return ""


class Version(argparse.Action):
    """Prints the version of the suite, and the fingerprint of the code that decides results; then ends."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        """See argparse."""
        # Found when it is asked for: it takes longer than help.
        from importlib.metadata import version

        from suite.store.version import fingerprint

        sys.stdout.write(f"wgan-suite {version('wgan-suite')}, results of code {fingerprint()}\n")
        parser.exit()
