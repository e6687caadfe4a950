"""Scoring everybody anew: when another scorecard comes into force, when wishes age, and when somebody asks for it.

`standing` decides for one person (pure), `page` scores a page of people at once, `service` starts, stops and writes,
`jobs` are the drains.
"""
