"""Older and newer revisions of this code: their fingerprints, their worktrees, what they give."""
