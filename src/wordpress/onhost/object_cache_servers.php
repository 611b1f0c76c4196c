<?php
// The memcached servers that all hosts have in common. Which of them are in use is a row of WordPress' own options, so all hosts agree:
// a server that has not answered somebody is used by nobody until it answers again, and what it held before is never read again.

final class Evenkeel_Cache_Servers
{
    private const ROW = 'evenkeel_object_cache';
    /** Seconds after which a server that was away is asked again. */
    private const AWAY_S = 10;
    private const ANSWERS_MS = 100;

    /** The row, as it was read: by address an epoch, which is a part of all names there, or since when it is away. */
    private string $text = '';
    private array $state = [];
    /** @var Memcached[] */
    private array $clients = [];

    /** @param string[] $addresses HOST:PORT, in the same order for everybody */
    public function __construct(private wpdb $db, private string $table, private array $addresses, private string $key)
    {
        sort($this->addresses);
        $this->load();
        foreach ($this->addresses as $address) {
            $since = $this->state[$address]['away'] ?? null;
            if (!isset($this->state[$address]['epoch']) && ($since === null || time() - $since > self::AWAY_S)) {
                $this->askAgain($address);
            }
        }
    }

    /** What there is, by name. */
    public function read(array $names): array
    {
        $found = [];
        $byServer = [];
        foreach ($names as $name) {
            $byServer[$this->serverOf($name)][$this->place($name)] = $name;
        }
        foreach ($byServer as $address => $places) {
            $client = $this->client($address);
            $values = $client?->getMulti(array_keys($places));
            if ($client && !$values && !in_array($client->getResultCode(), [Memcached::RES_SUCCESS, Memcached::RES_NOTFOUND], true)) {
                $this->fails($address);
            }
            foreach ($values ?: [] as $place => $sealed) {
                $value = $this->opened($place, $sealed);
                if ($value) {
                    $found[$places[$place]] = $value[0];
                }
            }
        }
        return $found;
    }

    /** Whether it is there now, which does not matter of a server that is away: its rows are in the database. */
    public function write(string $how, string $name, $data, int $seconds): bool
    {
        $address = $this->serverOf($name);
        $client = $this->client($address);
        if (!$client) {
            return true;
        }
        $place = $this->place($name);
        if ($client->$how($place, $this->sealed($place, $data), $seconds)) {
            return true;
        }
        if ($client->getResultCode() === Memcached::RES_NOTSTORED) {
            return false;
        }
        // What is too large for it must not leave its former value there.
        if ($client->getResultCode() === Memcached::RES_E2BIG) {
            $this->delete($name);
        } else {
            $this->fails($address);
        }
        return true;
    }

    public function delete(string $name): bool
    {
        $address = $this->serverOf($name);
        $client = $this->client($address);
        if (!$client || $client->delete($this->place($name))) {
            return (bool) $client;
        }
        if ($client->getResultCode() !== Memcached::RES_NOTFOUND) {
            $this->fails($address);
        }
        return false;
    }

    /** Nobody reads again what there was. */
    public function forget(): bool
    {
        return $this->change(fn (array $state) => array_map(
            fn (array $server) => isset($server['epoch']) ? ['epoch' => self::epoch()] : $server,
            $state,
        ));
    }

    private function fails(string $address): void
    {
        error_log("object cache: $address: " . $this->clients[$address]->getResultMessage());
        $this->change(fn (array $state) => [$address => ['away' => time()]] + $state);
    }

    /** By one request at a time: the others go on without. */
    private function askAgain(string $address): void
    {
        if (!$this->replace($this->text, [$address => ['away' => time()]] + $this->state)) {
            $this->load();
        } elseif ($this->connected($address)->set('evenkeel', 'asks', 1)) {
            $this->change(fn (array $state) => [$address => ['epoch' => self::epoch()]] + $state);
        }
    }

    /** Its client, where it is in use. */
    private function client(string $address): ?Memcached
    {
        return isset($this->state[$address]['epoch']) ? $this->connected($address) : null;
    }

    private function connected(string $address): Memcached
    {
        if (!isset($this->clients[$address])) {
            $client = new Memcached("evenkeel $address");
            if (!$client->getServerList()) {
                $client->setOptions([
                    Memcached::OPT_TCP_NODELAY => true,
                    Memcached::OPT_CONNECT_TIMEOUT => self::ANSWERS_MS,
                    Memcached::OPT_POLL_TIMEOUT => self::ANSWERS_MS,
                    Memcached::OPT_SEND_TIMEOUT => self::ANSWERS_MS * 1000,
                    Memcached::OPT_RECV_TIMEOUT => self::ANSWERS_MS * 1000,
                    Memcached::OPT_RETRY_TIMEOUT => 1,
                ]);
                [$host, $port] = explode(':', $address);
                $client->addServer($host, (int) $port);
            }
            $this->clients[$address] = $client;
        }
        return $this->clients[$address];
    }

    private function serverOf(string $name): string
    {
        return $this->addresses ? $this->addresses[crc32($name) % count($this->addresses)] : '';
    }

    /** A name of one length, as memcached takes no long ones. */
    private function place(string $name): string
    {
        $epoch = $this->state[$this->serverOf($name)]['epoch'] ?? '';
        return hash('sha256', "$this->key $epoch $name");
    }

    /** memcached asks nobody for a password: other programs of these hosts may write there, and unserialize() trusts what it is given. */
    private function sealed(string $place, $data): string
    {
        $text = serialize($data);
        return hash_hmac('sha256', "$place $text", $this->key, true) . $text;
    }

    private function opened(string $place, $sealed): ?array
    {
        $text = substr((string) $sealed, 32);
        $isOurs = hash_equals(hash_hmac('sha256', "$place $text", $this->key, true), substr((string) $sealed, 0, 32));
        return $isOurs ? [unserialize($text)] : null;
    }

    private function load(): void
    {
        $this->text = $this->stored();
        if ($this->text === '') {
            $first = array_fill_keys($this->addresses, null);
            $first = json_encode(array_map(fn () => ['epoch' => self::epoch()], $first));
            $this->run("INSERT IGNORE INTO $this->table (option_name, option_value, autoload) VALUES (%s, %s, 'no')", [self::ROW, $first]);
            $this->text = $this->stored();
        }
        // Without tables, as before it is installed, there is no cache.
        $this->state = json_decode($this->text, true) ?: [];
    }

    private function stored(): string
    {
        $shows = $this->db->suppress_errors(true);
        $value = $this->db->get_var($this->db->prepare("SELECT option_value FROM $this->table WHERE option_name = %s", self::ROW));
        $this->db->suppress_errors($shows);
        return (string) $value;
    }

    /** Changes the row as it is now, whoever has changed it meanwhile. */
    private function change(callable $next): bool
    {
        for ($i = 0; $i < 5; $i++) {
            if ($this->state && $this->replace($this->text, $next($this->state))) {
                return true;
            }
            $this->load();
        }
        return false;
    }

    private function replace(string $former, array $state): bool
    {
        ksort($state);
        $text = json_encode($state);
        $changed = $this->run("UPDATE $this->table SET option_value = %s WHERE option_name = %s AND option_value = %s", [$text, self::ROW, $former]);
        if ($changed) {
            [$this->text, $this->state] = [$text, $state];
        }
        return (bool) $changed;
    }

    private function run(string $statement, array $values): int
    {
        $shows = $this->db->suppress_errors(true);
        $rows = $this->db->query($this->db->prepare($statement, $values));
        $this->db->suppress_errors($shows);
        return (int) $rows;
    }

    private static function epoch(): string
    {
        return bin2hex(random_bytes(8));
    }
}
