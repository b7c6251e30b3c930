"""The demo: the whole system, the practice network and a real night, in one process."""
