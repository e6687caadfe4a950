"""How likely a person is to buy.

`scorecard` is the card and the score of one person; `many` the same for a million at once; `catalogue` the facts that a
card may look at; `words` reasons and refusals as people read them. `fitting` learns a card (`account.fit_file`,
`account.report_of`) and tells it as a `report.Report`, which is stored and shown without numpy.
"""
