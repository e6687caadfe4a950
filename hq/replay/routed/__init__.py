"""Routing rules: `demand` makes the leads, `simulation` routes them through the engine, `outcome` counts, `step` does
the next ones and carries on, `page` and `picture` show."""
