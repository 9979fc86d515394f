"""Networks over a leading replica dimension."""
