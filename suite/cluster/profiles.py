"""Cluster profiles: found by name, read from YAML 1.2, the command line's settings on top."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from suite.cluster import units
from suite.cluster.profile import Profile
from suite.cluster.profile_keys import FIELDS, READERS, WRITTEN, description
from suite.cluster.sbatch_options import gpus_asked_for, refusal
from suite.cluster.settings import tree_of
from suite.errors import UserError
from suite.places import CLUSTERS
from suite.spec.borrow import read
from suite.spec.explain import explain
from suite.spec.merge import is_gone, is_null, merge, plain
from suite.spec.nodes import Entry, Mapping, Node, Scalar, entries_of, lookup, parse, place
from suite.spec.nodes import Sequence as Items
from suite.spec.places import Mark, Problem, Source, advice, fail, short

ENDING: Final = ".yaml"
_DIRECTIVE: Final = re.compile(r"\s*#\s*(SBATCH|PBS|BSUB)\b")


def profile(name: str, settings: Sequence[str] = ()) -> Profile:
    """The profile of this name, or in the file ``name`` where that ends in .yaml.

    ``settings`` are KEY=VALUE; they win over the file. UserError with every mistake at its place.
    """
    path = find(name)
    return checked(merge(_parsed(read(path), path.as_posix()), tree_of(settings)))


def written(made: Profile) -> bytes:
    """The file of a profile, with nothing left out. JSON is YAML as well."""
    values = msgspec.structs.asdict(made)
    for key, reader in READERS.items():
        values[key] = (units.memory if reader is units.mebibytes else units.duration)(values[key])
    return msgspec.json.format(msgspec.json.encode(values), indent=1)


def folders() -> tuple[Path, ...]:
    """Where profiles are looked for: beside the program, then the user's own."""
    home = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    try:
        home = home if home.is_absolute() else Path.home() / ".config"
    except RuntimeError:  # nobody knows where home is
        return (CLUSTERS,)
    return (CLUSTERS, home / "wgan-suite")


def names() -> tuple[str, ...]:
    """The profiles there are, in order."""
    found = {path.name.removesuffix(ENDING) for folder in folders() for path in folder.glob(f"*{ENDING}")}
    return tuple(sorted(found))


def find(name: str) -> Path:
    """The file of a profile. UserError that lists the profiles where there is none."""
    if name.endswith(ENDING):
        return _file(Path(name).expanduser())
    # A name is no path, so that none leaves the folders.
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
        for folder in folders():
            if (path := folder / f"{name}{ENDING}").is_file():
                return path
    places = ", ".join(str(folder) for folder in folders())
    raise UserError(
        f"no cluster profile {short(name)}\n"
        f"    {advice(name, names(), 'profiles')}\n"
        f"    looked in {places}; the path of a file must end in {ENDING}"
    )


def checked(tree: Node) -> Profile:
    """The profile that a tree holds; UserError with every mistake at its place."""
    assert isinstance(tree, Mapping)
    known, problems = _in_numbers(tree)
    problems += [*_empty(tree), *explain(known, WRITTEN), *_setup(tree), *_options(tree)]
    if problems:
        fail(problems)
    made = msgspec.convert(plain(known), Profile)
    if problems := list(_together(made, tree)):
        fail(problems)
    return made


def _file(path: Path) -> Path:
    if not path.is_file():
        raise UserError(
            f"{path.as_posix()}: no such file\n    profiles by name: {', '.join(names()) or 'none'}"
        )
    return path


def _parsed(data: bytes, name: str) -> Mapping:
    """The file's tree; a file of comments only is a profile in which everything is as usual."""
    lines = (line.strip() for line in data.splitlines())
    if all(not line or line.startswith(b"#") for line in lines):
        return Mapping(Mark(Source(name)), {})
    return parse(data, name)


# --- Mistakes -------------------------------------------------------------------------


def _in_numbers(tree: Mapping) -> tuple[Mapping, list[Problem]]:
    """Durations in seconds and memory in MiB; what cannot be read is left out, as a mistake."""
    entries, problems = dict(tree.entries), []
    for key in READERS.keys() & tree.entries.keys():
        entry = tree.entries[key]
        if not isinstance(node := entry.node, Scalar) or is_gone(node):
            continue
        try:
            entries[key] = Entry(entry.mark, Scalar(node.mark, READERS[key](node.text), node.text))
        except units.Unclear as unclear:
            del entries[key]
            text = f"{key} must be {description(key)}, not {short(node.text)}"
            problems.append(Problem(node.mark, text, str(unclear)))
    return Mapping(tree.mark, entries), problems


def _empty(tree: Mapping) -> Iterator[Problem]:
    """A key without a value: msgspec would never see it."""
    for key, entry in tree.entries.items():
        if is_null(entry.node) and key in FIELDS:
            yield Problem(entry.node.mark, f"{key} has no value", f"leave {key} out for its default")
    for key, entry in entries_of(lookup(tree, "options")).items():
        if is_null(entry.node):
            cure = f"write {key}: true for an option without a value"
            yield Problem(entry.node.mark, f"options.{key} has no value", cure)


def _setup(tree: Mapping) -> Iterator[Problem]:
    """Directives among the lines of setup: sbatch reads them up to the first line that is no comment."""
    lines = lookup(tree, "setup")
    for item in lines.items if isinstance(lines, Items) else ():
        if isinstance(item, Scalar) and _DIRECTIVE.match(item.text):
            cure = "write options under options, as in options: {constraint: a100}"
            yield Problem(item.mark, "setup is for lines of shell, not for options of sbatch", cure)


def _options(tree: Mapping) -> Iterator[Problem]:
    for key, entry in entries_of(lookup(tree, "options")).items():
        value = entry.node.value if isinstance(entry.node, Scalar) else None
        text = entry.node.text if isinstance(entry.node, Scalar) else ""
        if cure := refusal(key, text):
            yield Problem(entry.mark, f"{short(key)} is not for options", cure)
        elif value is False:
            yield Problem(entry.node.mark, f"options.{key} is false", "leave the option out")
        elif type(value) is int and (text.startswith("-") or str(value) != text):
            yield from _number(key, entry.node.mark, text)


def _number(key: str, mark: Mark, text: str) -> Iterator[Problem]:
    if text.startswith("-"):
        yield Problem(mark, f"options.{key} must not start with a hyphen, as {text} does")
    else:
        yield Problem(
            mark, f"options.{key}: {text} would be passed on as a number", f'write "{text}" in quotes'
        )


def _together(made: Profile, tree: Mapping) -> Iterator[Problem]:
    """Values that are legal each, but not with one another."""
    limit = units.duration(made.time)
    if 2 * made.signal >= made.time:
        text = f"signal must be under half of time ({limit}), not {units.duration(made.signal)}"
        yield Problem(_at(tree, "signal", "time"), text, "make signal shorter, or time longer")
    if made.checkpoint >= made.time:
        text = f"checkpoint must be under time ({limit}), not {units.duration(made.checkpoint)}"
        yield Problem(_at(tree, "checkpoint", "time"), text, "make checkpoint shorter, or time longer")
    if made.processes % made.nodes:
        text = f"processes must be a multiple of nodes ({made.nodes}), not {made.processes}"
        yield Problem(_at(tree, "nodes", "processes"), text, "each node gets as many processes as the others")
    asked, meant = gpus_asked_for(made.options), made.gpus * made.processes // made.nodes
    if asked not in (None, meant):
        text = f"gres asks for {asked} GPUs a node, gpus and processes for {meant}"
        mark = place(tree, "options", "gres")
        yield Problem(mark, text, "make them agree: gpus is how many each process has")


def _at(tree: Mapping, *keys: str) -> Mark:
    """The place of the first of the keys that is given."""
    given = (tree.entries[key].node.mark for key in keys if key in tree.entries)
    return next(given, tree.mark)
