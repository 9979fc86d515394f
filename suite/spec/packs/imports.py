"""What keeps a module of a pack from being imported, and the cure."""

from suite.spec.packs.found import Pack
from suite.spec.packs.lines import line_of, summary_of
from suite.spec.packs.modules import file_of


def not_imported(pack: Pack, address: str, error: Exception, package: str) -> str:
    """In lines: what failed, in which file and line, and the cure. ``package`` begins the names as which
    modules of packs are imported.
    """
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        return _missing(pack, address, error, error.name, package)
    place = line_of(error, pack) or pack.file
    return f"{_module(address)} cannot be imported: {summary_of(error)}\n    {place}: mend it there"


def _missing(pack: Pack, address: str, error: ModuleNotFoundError, name: str, package: str) -> str:
    own = name.partition(".")[2] if name.startswith(package) else ""
    place = line_of(error, pack)
    if own and not place:  # Nobody imports it: it is what `at` names.
        return (
            f"{pack.file} says it is at {address}, but there is no module {own!r}\n"
            f"    modules are looked for in {pack.folder.as_posix()}; they import each other relatively"
        )
    cure = f"modules are looked for in {pack.folder.as_posix()}" if own else _cure(pack, name)
    what = f"{_module(address)} cannot be imported: there is no module {own or name!r}"
    return f"{what}\n    {place or pack.file}: {cure}"


def _cure(pack: Pack, name: str) -> str:
    if file_of(pack.folder, name) is not None:
        return f"modules of a pack import each other relatively: from .{name} import ..."
    return "install it where the suite is, or do without it"


def _module(address: str) -> str:
    return f"its module {address.partition(':')[0]!r}"
