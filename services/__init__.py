"""The services of Jiaoying 叫应, each with the same skeleton."""
