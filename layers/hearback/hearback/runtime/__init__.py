"""Where the system meets Lambda: wiring, entry points, and the two error tables."""
