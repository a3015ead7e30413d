"""What views observe: a slide's document, the selection, the class in hand, and tables of them."""
