"""Cards learnt on headquarters' pages: what to learn from, the learning, and the report that is kept."""
