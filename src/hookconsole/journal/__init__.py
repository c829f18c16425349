"""The journal: append-only segments of checksummed JSON lines, the fold over them, the views of them."""
