"""What the use cases need of the world: protocols, implemented by `adapters/` and by `tests/twins/`."""
