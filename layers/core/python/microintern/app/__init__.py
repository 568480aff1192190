"""One function per use case. Ports come in as arguments; groups and ownership are checked here, once."""
