"""Trying routing rules on the leads of a past period before they are put in force."""
