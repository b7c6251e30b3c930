"""Kafka behind the bus port."""
