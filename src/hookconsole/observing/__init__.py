"""What the journal says right now, kept up to date for whoever looks on: values, no screen."""
