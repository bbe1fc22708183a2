"""The command line: options, help, and how each answer reads at a terminal."""
