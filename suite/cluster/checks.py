"""What the doctor finds, one thing at a time."""

import re
from typing import Literal, NamedTuple


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "note", "wrong"]
    """A note is something to know that stops no job."""
    says: str
    cure: str = ""


def ok(name: str, says: str) -> Check:
    """As it should be."""
    return Check(name, "ok", says)


def note(name: str, says: str, cure: str = "") -> Check:
    """Something to know."""
    return Check(name, "note", says, cure)


def wrong(name: str, says: str, cure: str = "") -> Check:
    """Something that keeps jobs from running, or from running well."""
    return Check(name, "wrong", says, cure)


def brief(error: Exception) -> str:
    """The last line of what a command of SLURM's said: the ones before tell how it came to that."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return re.sub(r"^(\w+: )+(error|fatal): ", "", lines[-1]) if lines else type(error).__name__
