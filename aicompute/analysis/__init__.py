"""What is asked of the trend: where it breaks, how sure it is, what moves it, what it costs."""
