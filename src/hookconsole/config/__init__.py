"""The config file: settings and the registry of endpoints, loaded, validated, edited in place, watched."""
