"""What every face is made of: application factory, transaction, access, errors, layouts."""
