"""The open pool: leads that the stores near a customer may claim themselves."""
