"""The commands: one module each (or a family), imported only when called."""
