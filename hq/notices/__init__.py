"""What headquarters is told."""
