"""How stores do beside their region: figures and medians, reckoned for the stores to read."""
