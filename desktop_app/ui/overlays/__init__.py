"""What lies over the slides of a window, and what is kept of how they were looked at."""
