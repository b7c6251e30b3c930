"""The commands of `jiaoying`, a file for each family of them."""
