"""What developers run: generators of checked-in files."""
