"""Each service in a process of its own, over Kafka and Redis: where one dies, another takes over."""
