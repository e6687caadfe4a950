"""What stores entered becomes sign-ups; what was decided about these becomes the store's hold, or a refusal."""
