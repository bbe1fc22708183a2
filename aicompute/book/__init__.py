"""Makes the book of the chapters: runs them, collects their numbers, fills the text, publishes."""
