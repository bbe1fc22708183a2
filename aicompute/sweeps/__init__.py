"""Sweeps: the trend under many settings of the assumptions at once."""
