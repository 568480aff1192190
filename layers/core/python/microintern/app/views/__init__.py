"""What callers see: allow-lists, never a stored item as it is. A function imports only the part that it shows."""
