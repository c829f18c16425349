"""The demo: a throwaway store, an embedded receiver of many moods, and live traffic."""
