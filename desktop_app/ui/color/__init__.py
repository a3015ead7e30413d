"""How a slide's colors are shown: the panel, its parts, and what ties them to the view in front."""
