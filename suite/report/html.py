"""What all pages have in common: how their templates are filled in, and which script they let run."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates() -> Environment:
    """The templates. Every string that is put into one is escaped."""
    return Environment(
        loader=PackageLoader("suite.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def allowed(script: str) -> str:
    """The hash of a page's only script, by which alone the page lets it run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
