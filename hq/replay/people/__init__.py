"""Rules that decide about people: a scorecard scores them by their leads (`scored`, `comparing`), other rules decide by
the decision that `qualify` makes, writing nothing (`past`, `deciding`). `tally` and `ruling` count."""
