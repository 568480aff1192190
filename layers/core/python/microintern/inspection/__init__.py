"""Looks at what was received: whether it is what was announced, by its content and not by its name."""

from microintern.inspection.look import inspect

__all__ = ["inspect"]
