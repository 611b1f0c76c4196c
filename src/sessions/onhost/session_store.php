<?php
// One store, as a request sees it.
declare(strict_types=1);

namespace Evenkeel;

final class Store
{
    private ?\Redis $redis = null;
    private bool $hasFailed = false;

    public function __construct(public readonly string $name, private array $settings)
    {
    }

    /** Whether a page of this host has had no answer within so many seconds. */
    public function hasFailedWithin(float $seconds): bool
    {
        $at = @file_get_contents($this->mark());
        return $at !== false && microtime(true) - (float) $at < $seconds;
    }

    /** What a script answers, a list; null where the store does not. */
    public function ask(string $script, array $keys, array $values, ?string $connectionName = null): ?array
    {
        $asked = microtime(true);
        for ($isFirst = true; ; $isFirst = false) {
            try {
                return $this->answer($script, $keys, $values, $connectionName);
            } catch (\RedisException $problem) {
                // A connection of an earlier page may be to a store that has begun anew since.
                if (!$isFirst || microtime(true) - $asked > $this->settings['timeout'] / 2) {
                    $this->fails($problem);
                    return null;
                }
                $this->disconnect();
            }
        }
    }

    private function answer(string $script, array $keys, array $values, ?string $connectionName): array
    {
        $commands = $this->connected()->pipeline();
        if ($connectionName !== null) {
            $commands->rawCommand('CLIENT', 'SETNAME', $connectionName);
        }
        $answers = $commands->eval($script, [...$keys, ...$values], count($keys))->exec();
        if (is_array($answers) && is_array(end($answers))) {
            return end($answers);
        }
        throw new \RedisException($this->redis->getLastError() ?? 'no answer');
    }

    /** Whether a connection of this name is open. */
    public function hasConnection(string $name): bool
    {
        try {
            return str_contains((string) $this->connected()->rawCommand('CLIENT', 'LIST'), " name=$name ");
        } catch (\RedisException $problem) {
            $this->fails($problem);
            return true;
        }
    }

    private function fails(\RedisException $problem): void
    {
        if (!$this->hasFailed) {
            error_log("sessions: $this->name: " . $problem->getMessage());
        }
        $this->hasFailed = true;
        @file_put_contents($this->mark(), (string) microtime(true));
        $this->disconnect();
    }

    private function disconnect(): void
    {
        $this->redis?->close();
        $this->redis = null;
    }

    private function mark(): string
    {
        return sys_get_temp_dir() . "/sessions-without-$this->name";
    }

    private function connected(): \Redis
    {
        if ($this->redis) {
            return $this->redis;
        }
        ['host' => $host, 'port' => $port, 'timeout' => $timeout] = $this->settings;
        $redis = new \Redis();
        $tls = ['stream' => ['cafile' => $this->settings['ca'], 'peer_name' => $this->name]];
        // The question whether an earlier page's connection is alive would wait once more for a store that hangs.
        $asks = ini_set('redis.pconnect.echo_check_liveness', '0');
        $isThere = @$redis->pconnect("tls://$host", $port, $timeout, $this->settings['site'], 0, $timeout, $tls);
        ini_set('redis.pconnect.echo_check_liveness', $asks);
        if (!$isThere) {
            throw new \RedisException('no connection');
        }
        // Its own second try would wait once more for a store that hangs.
        $redis->setOption(\Redis::OPT_MAX_RETRIES, 0);
        if (!$redis->auth([$this->settings['user'], $this->settings['password']])) {
            throw new \RedisException('refuses the password');
        }
        return $this->redis = $redis;
    }
}
