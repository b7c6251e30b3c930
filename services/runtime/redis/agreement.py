"""What all workers of an installation must have in common, though each reads it from a file."""

from redis.asyncio import Redis

from services.runtime.redis.connection import failures_translated


class DisagreementError(Exception):
    """The other workers have another one."""


async def agree(server: Redis, prefix: str, name: str, seal: str) -> None:
    """
    Hold *seal*, which tells nothing of what it stands for, against that of the first worker.

    DisagreementError when they differ. Whoever changes *name* everywhere deletes its key.
    """
    key = f"{prefix}:agreed:{name}"
    with failures_translated():
        is_first = await server.set(key, seal, nx=True)
        known = await server.get(key)
    if not is_first and known != seal.encode():
        raise DisagreementError(
            f"{name}: 与其他节点的不同，请放同一份；若已全部更换，请删除 Redis 键 {key} "
            f"is not that of the other workers: give all the same; when all have a new one, "
            f"delete the key {key} in Redis"
        )
