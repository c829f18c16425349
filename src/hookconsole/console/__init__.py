"""The console, the only package that imports textual: it shows what a hub knows, steers by the journal."""
