"""E-mail: an intent that is committed first, and a drain that hands it to a mail server.

`send.post` writes messages in the caller's transaction. A mail server does not know a message that it already took, so
each try is written down before the server is called; a try without an answer is said to be uncertain, and is not made
again unless somebody asks for it.
"""
