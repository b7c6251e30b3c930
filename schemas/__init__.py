"""The contract between the services: records, topics, words. It imports nothing of ours."""
