"""Formats of days and times that differ from Django's own for a language."""
