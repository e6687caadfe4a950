"""How likely a person is to buy."""
