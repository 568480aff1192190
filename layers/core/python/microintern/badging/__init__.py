"""What takes packages that only credentials need: their canonical form, and the picture that they are baked into."""
