"""What an operator does and asks, for the commands and the console alike; the sender is steered by records."""
