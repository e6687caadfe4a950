"""What headquarters says of people whom screening has doubts about."""
