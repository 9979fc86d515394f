"""One loop over a batch of replicas, and what it is made of."""
