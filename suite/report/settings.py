"""An experiment's settings as text: what its arms share, and where they differ."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from suite.spec.schema import Experiment, Setting

ABSENT = "–"


class Settings(NamedTuple):
    """``common``: path and value. ``different``: path and the value of each arm."""

    arms: tuple[str, ...]
    common: tuple[tuple[str, str], ...]
    different: tuple[tuple[str, tuple[str, ...]], ...]


def settings(experiment: Experiment) -> Settings:
    """Every setting of every arm, defaults included, by dotted path."""
    columns = [flat(setting) for setting in experiment.arms.values()]
    paths = list(dict.fromkeys(path for column in columns for path in column))
    rows = [(path, tuple(column.get(path, ABSENT) for column in columns)) for path in paths]
    return Settings(
        tuple(experiment.arms),
        tuple((path, values[0]) for path, values in rows if len(set(values)) == 1),
        tuple((path, values) for path, values in rows if len(set(values)) > 1),
    )


def flat(setting: Setting) -> Mapping[str, str]:
    """Dotted path to value; what is absent is left out."""
    return dict(_walk(setting, ""))


def _walk(value: msgspec.Struct, path: str) -> Iterator[tuple[str, str]]:
    config = value.__struct_config__
    if config.tag_field and config.tag is not None:
        yield f"{path}{config.tag_field}", str(config.tag)
    elif not value.__struct_fields__:
        yield path.rstrip("."), "on"
    for name in value.__struct_fields__:
        yield from _item(getattr(value, name), f"{path}{name}")


def _item(item: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(item, msgspec.Struct):
        yield from _walk(item, f"{path}.")
    elif isinstance(item, Mapping):
        for key, each in item.items():
            yield from _item(each, f"{path}.{key}")
    elif item is not None:
        yield path, _text(item)


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    if not isinstance(value, float):
        return str(value)
    short = f"{value:g}"
    return short if float(short) == value else str(value)
