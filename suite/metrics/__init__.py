"""What is measured: pure functions of samples, weights and series."""
