"""Draws previews. Nothing in a file is ever executed: pictures and pages are decoded, drawn anew and written anew."""
