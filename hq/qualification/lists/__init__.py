"""Lists that screening asks: whom or what is blocked, and who is staff, an owner, or won before."""
