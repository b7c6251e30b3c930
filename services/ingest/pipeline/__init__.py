"""
What happens to an input, in this order: authenticate, parse, normalise, check, deduplicate, publish.

Authentication is first so that strangers cost a hash and nothing else. Parsing comes before any
judgement, since a refusal must say what it refuses. Normalising comes before checking, because
bounds and steps are in our units. Deduplication is last and in the transaction that publishes:
only there is it known what is durable. A refusal is written in that same transaction, so an
answer is never given for what was kept nowhere.
"""
