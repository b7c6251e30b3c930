"""What a real Kafka has, read by a client that has nothing to do with what wrote it."""

from kafka import KafkaConsumer, TopicPartition

from schemas.topics import Topic
from services.runtime.kafka.connection import connection
from services.runtime.kafka.settings import KafkaSettings


def kafka_records(settings: KafkaSettings, topic: Topic, district: str) -> list[bytes]:
    """Return the records of *district*, in the order of its partition; blocks."""
    name = settings.topic(topic)
    consumer = KafkaConsumer(**connection(settings))
    try:
        partitions = [
            TopicPartition(name, number) for number in consumer.partitions_for_topic(name)
        ]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found = []
        while any(consumer.position(at) < end for at, end in ends.items()):
            for records in consumer.poll(1000).values():
                found += [one.value for one in records if one.key == district.encode()]
        return found
    finally:
        consumer.close()
