"""Stand-ins for systems outside, real enough to be talked to over their real protocols."""
