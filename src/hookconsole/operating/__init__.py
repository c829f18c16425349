"""What an operator does and asks, for commands and console alike; records steer the sender."""
