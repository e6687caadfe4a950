"""What becomes of a scored sign-up: to a store, into nurture, or closed.

`rules` reads the stored form, `fates` decides for one person, `reckoning` finds the bar that fits what stores can take
(all pure).
"""
