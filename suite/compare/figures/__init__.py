"""Both sides' figures laid over each other, one module a family."""
