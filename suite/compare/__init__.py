"""Two versions' results side by side: what changed, whether it matters, and why."""
