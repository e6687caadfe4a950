"""Turning sign-ups into leads: matching, screening, scoring."""
