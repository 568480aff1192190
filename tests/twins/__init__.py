"""In-memory twins of the ports, for tests of use cases; the contract suite holds them to what AWS does."""
