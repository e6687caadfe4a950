"""PostgreSQL and Valkey from their wheels, for the default start and for the tests."""
