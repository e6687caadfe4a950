"""Learning a scorecard from what became of past leads. The only place, with `scoring.many`, that needs numpy."""
