"""The article's two methods, counting and chip time, and what they give for each system."""
