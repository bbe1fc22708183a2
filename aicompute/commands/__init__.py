"""What the commands share, and what they print at a terminal."""
