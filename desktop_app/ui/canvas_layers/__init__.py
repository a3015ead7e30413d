"""What is painted above the slide: annotations."""
