"""`check`: what is wrong with config, files, journal and machine, each finding with its mend."""
