"""Telling people from prize hunters (羊毛党)."""
