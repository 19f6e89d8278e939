"""What the answers prove: counts, scores with their intervals, and reports. Pure, and exact until the last division."""
