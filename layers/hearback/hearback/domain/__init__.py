"""What the words mean: pure, without clock, environment, AWS or logging."""
