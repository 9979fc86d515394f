"""What each key of a profile's file may be, and how those with a unit are read and written.

Not part of Profile itself, so that manifests of what was submitted stay readable when a range is
narrowed.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from suite.cluster import units
from suite.cluster.profile import Profile
from suite.spec.schema import Count, CountOrZero, Positive

LEAST_SIGNAL: Final = 15
"""Seconds: three times what saving takes."""

Word = Annotated[
    str,
    Meta(
        pattern=r"\A([A-Za-z0-9_][A-Za-z0-9_.,:@/+-]*)?\Z",
        description="a name without blanks, the first character no hyphen",
    ),
]
Line = Annotated[
    str,
    Meta(
        pattern="\\A[^\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]*\\Z",
        description="one line of shell",
    ),
]
Program = Annotated[
    str,
    Meta(
        pattern="\\A(?!-)[^\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]*\\Z",
        description="the path of a program, one line that does not start with a hyphen",
    ),
]
OptionName = Annotated[
    str,
    Meta(
        pattern=r"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\Z",
        description="a long option of sbatch, such as cpu-freq, without the hyphens before it",
    ),
]
OptionText = Annotated[
    str,
    Meta(
        # sbatch takes a backslash away, even between quotes.
        pattern="\\A(?!-)[^\\\\\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]+\\Z",
        description="one line without backslashes that does not start with a hyphen",
    ),
]
_DURATION: Final = "such as 90m, 2h, 1h30m or 1d"
LEGAL: Final[dict[str, Any]] = {
    "partition": Word,
    "account": Word,
    "qos": Word,
    "nodes": Count,
    "processes": Count,
    "gpus": CountOrZero,
    "cpus": Count,
    "memory": Annotated[int, Meta(ge=1, description="an amount such as 512M or 8G")],
    "gpu_memory": Annotated[int, Meta(ge=1, description="an amount such as 512M or 8G")],
    "time": Annotated[int, Meta(ge=60, description=f"a duration of at least 1m {_DURATION}")],
    "signal": Annotated[
        int, Meta(ge=LEAST_SIGNAL, description="a duration of at least 15s, such as 90s or 2m")
    ],
    "checkpoint": Annotated[int, Meta(ge=1, description="a duration of at least 1s, such as 90s or 5m")],
    "requeues": CountOrZero,
    "target": Annotated[int, Meta(ge=1, description=f"a duration {_DURATION}")],
    "speed": Positive,
    "replicas": CountOrZero,
    "parallel": CountOrZero,
    "max_jobs": Count,
    "setup": tuple[Line, ...],
    "python": Program,
    "options": dict[OptionName, OptionText | int | bool],
}
READERS: Final[dict[str, Callable[[str], int]]] = {
    "memory": units.mebibytes,
    "gpu_memory": units.mebibytes,
    "time": units.seconds,
    "signal": units.seconds,
    "checkpoint": units.seconds,
    "target": units.seconds,
}
"""The keys with a unit, and how they are read."""
FIELDS: Final = {field.name: field for field in msgspec.structs.fields(Profile)}
WRITTEN: Final = msgspec.defstruct(
    "Written", [(key, LEGAL.get(key, field.type), None) for key, field in FIELDS.items()]
)
"""A profile as its file has it, once durations and amounts of memory are numbers."""


def description(key: str) -> str:
    """What a key may be, in words, where its type says so."""
    parts = (part for part in LEGAL[key].__metadata__ if isinstance(part, Meta))
    return next(part.description or "" for part in parts)
