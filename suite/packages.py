"""The packages that are installed here."""

from importlib.metadata import PackageNotFoundError, version


def version_of(package: str) -> str:
    """A package's version; empty where it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
