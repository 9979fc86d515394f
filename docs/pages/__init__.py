"""What the documentation has that no hand writes: tables of verdicts, the format, small pictures."""
