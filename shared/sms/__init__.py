"""Text messages: an intent that is committed first, a drain that hands it to a gateway, and codes that prove a number.

`send.post` writes a message in the caller's transaction. `codes.Codes` asks for a code and checks one.
"""
