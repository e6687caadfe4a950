"""Leads in the open pool: who may claim them, how they come in and how they leave."""
