import { type CopyMode, SyncMode } from "./args.ts";

/** What every host of a sync has: its door, and what it knows of itself. */
const ALL = [
    "sync-door",
    "sync-serve",
    "sync-status",
    "sync_ended.py",
    "sync-tree",
    "sync-wait",
    "sync_local.py",
    "sync_service.py",
    "sync_status.py",
];

const FROM_ONE = [
    "sync-push",
    "sync_ask.py",
    "sync_begin.py",
    "sync_record.py",
    "sync_rsync.py",
    "sync_runs.py",
];

const OF_ALL = [
    "sync-exchange",
    "sync_centre.py",
    "sync_copies.py",
    "sync_exchange.py",
    "sync_exchanges.py",
    "sync_inotify.py",
    "sync_links.py",
    "sync_pairs.py",
    "sync_peer.py",
    "sync_run.py",
    "sync_unfinished.py",
    "sync_unison.py",
    "sync_watched.py",
    "unison-fsmonitor",
];

/** Programs that each host of a sync needs. */
export const syncPrograms = (mode: CopyMode): string[] =>
    [...ALL, ...(mode === SyncMode.TwoWay ? OF_ALL : FROM_ONE)].map((name) => `sync/${name}`);
