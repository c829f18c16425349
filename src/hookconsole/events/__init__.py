"""Events: the catalogue of types with sample payloads, and the judgement of what is emitted."""
