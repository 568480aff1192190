"""The ports in AWS, and an in-memory twin of each. Nothing else in the layer imports an SDK."""
