"""How a number, a calculation and a system read in a sentence."""
