"""Older and newer revisions of this code: their fingerprints, their worktrees, what they give."""

from suite.revisions.fingerprints import fingerprint_of
from suite.revisions.git import commits_between

__all__ = ["commits_between", "fingerprint_of"]
