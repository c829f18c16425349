"""One file a question that the console asks."""
