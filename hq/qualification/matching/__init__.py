"""Tying sign-ups to contacts."""
