"""The paper of an agreement. Imported by the one function that draws it."""
