"""Errors that are the user's to mend: shown without a traceback, exit status 2."""

USER_ERROR = 2


class UserError(Exception):
    """What is wrong, where, and the cure, in a few lines of plain text."""
