"""Whether leads are spread fairly: each store beside its limit and its neighbours, and all of them over time."""
