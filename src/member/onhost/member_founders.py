"""Whether a cluster whose members are all new may begin: only on hosts that it began with. On others it has been lost."""

NEW_HOSTS = "all members are new hosts, though the cluster existed before: it does not begin empty by itself"


def told(config: dict) -> str:
    begin = f"pulumi state delete '{config['founders']}' && pulumi up"
    return f"{NEW_HOSTS}. If it should, and then be restored from a backup (npx evenkeel db restore):\n{begin}"
