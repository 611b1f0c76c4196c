<?php
// What a store does for a request, in one step each. A session is a hash with version, data, and whether it was destroyed.
declare(strict_types=1);

namespace Evenkeel;

final class Scripts
{
    /** Takes the lock for a moment, and reads: [1, version, data, whether it was destroyed, the store's word that it lacks nothing (session_redis.py)], or [0, whose lock it is]. */
    public const LOCK = <<<'LUA'
        if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {0, redis.call('GET', KEYS[2])} end
        local found = redis.call('HMGET', KEYS[1], 'version', 'data', 'gone')
        return {1, found[1] or '0', found[2] or '', found[3] or '', redis.call('GET', KEYS[3]) or ''}
        LUA;
    public const KEEP = <<<'LUA'
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0} end
        redis.call('PEXPIRE', KEYS[2], ARGV[2])
        return {1}
        LUA;
    /** Writes a version, and gives the lock back. A store that has lost the lock, as it began anew, takes it all the same; so does one that is told twice, as its first answer was late. */
    public const WRITE = <<<'LUA'
        local holder = redis.call('GET', KEYS[2])
        if holder and holder ~= ARGV[1] then return {0} end
        local found = redis.call('HMGET', KEYS[1], 'version', 'by')
        if found[1] == ARGV[2] and found[2] == ARGV[1] then return {1} end
        if tonumber(found[1] or '0') >= tonumber(ARGV[2]) then return {0} end
        redis.call('HSET', KEYS[1], 'version', ARGV[2], 'by', ARGV[1], 'data', ARGV[3], 'gone', ARGV[5])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        redis.call('DEL', KEYS[2])
        return {1}
        LUA;
    public const RELEASE = <<<'LUA'
        if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
        return {1}
        LUA;
    /** A store that fetches what it has missed goes by this. */
    public const MISSED = <<<'LUA'
        for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1]) end
        return {1}
        LUA;
}
