<?php
// Keeps PHP's sessions on several stores at once, each a Redis of its own. All that are there have a session's newest version and its
// lock; so any one of them may die, hang, or come back empty, and the next page goes on with what another one has. A write that no
// store has taken is an error.
// EVENKEEL_SESSIONS names the settings: a file that returns an array with `site`, `user`, `password`, `ca`, `timeout`, `patience`,
// `lockFor`, `lockWait` (seconds) and `stores`, each with `host` and `port` by its name.
declare(strict_types=1);

namespace Evenkeel;

require __DIR__ . '/session_scripts.php';
require __DIR__ . '/session_store.php';

final class Sessions implements \SessionHandlerInterface, \SessionUpdateTimestampHandlerInterface
{
    /** A lock that has been another one's for so long is looked at: its holder may be no more. In seconds. */
    private const LOOK_AFTER = 0.3;

    /** A store that has not answered is not waited for again at once; for longer when another one says that it is away. In seconds. */
    private const SKIPPED = 1;
    private const SKIPPED_AWAY = 10;

    /** @var Store[] */
    private array $stores = [];
    /** @var Store[] that hold the lock of the session at hand */
    private array $locked = [];
    private string $token = '';
    private string $id = '';
    private int $version = 0;
    private string $data = '';
    private bool $isKnown = false;
    private ?\RuntimeException $problem = null;

    public function __construct(private array $settings)
    {
        foreach ($settings['stores'] as $name => $store) {
            $this->stores[] = new Store($name, $store + $settings);
        }
    }

    public function open(string $path, string $name): bool
    {
        return true;
    }

    public function close(): bool
    {
        $this->release();
        return true;
    }

    /**
     * What a browser says is a session of ours; its lock is kept for `read`. One that nobody can be asked for is not unknown, or PHP
     * would send the visitor another one with its error: `read` fails then.
     */
    public function validateId(string $id): bool
    {
        try {
            $this->take($id);
        } catch (\RuntimeException $problem) {
            $this->problem = $problem;
            return true;
        }
        if (!$this->isKnown) {
            $this->release();
        }
        return $this->isKnown;
    }

    public function read(string $id): string|false
    {
        [$problem, $this->problem] = [$this->problem, null];
        if ($problem) {
            throw $problem;
        }
        $this->take($id);
        return $this->data;
    }

    public function write(string $id, string $data): bool
    {
        return $this->store($id, $data, '');
    }

    /** Unchanged, but a store that was behind has it again. */
    public function updateTimestamp(string $id, string $data): bool
    {
        return $this->write($id, $data);
    }

    /** Stays as a mark for as long as it would have lived: a store that was away may have it still. */
    public function destroy(string $id): bool
    {
        return $this->store($id, '', '1');
    }

    public function gc(int $lifetime): int|false
    {
        return 0;
    }

    /** How many stores answer. */
    public function answering(): int
    {
        return count(array_filter($this->stores, fn (Store $store) => $store->ask(Scripts::RELEASE, $this->keys('-'), ['-'])));
    }

    private function take(string $id): void
    {
        if ($this->locked && $this->id === $id) {
            return;
        }
        $this->release();
        $this->id = $id;
        $deadline = microtime(true) + $this->settings['lockWait'];
        $began = microtime(true);
        [$seen, $since] = ['', 0.0];
        for ($pause = 2000; ; $pause = min(2 * $pause, 50_000)) {
            [$holder, $where] = $this->tryLock($began);
            if ($this->locked) {
                return;
            }
            if ($where) {
                $began = microtime(true);
            }
            if ($holder !== $seen) {
                [$seen, $since] = [$holder, microtime(true)];
            } elseif ($where && microtime(true) - $since > self::LOOK_AFTER) {
                if (!$where->hasConnection($holder)) {
                    $where->ask(Scripts::RELEASE, $this->keys($id), [$holder]);
                    continue;
                }
                $since = microtime(true);
            }
            if (microtime(true) > $deadline) {
                throw new \RuntimeException('sessions: another request of this visitor holds the session');
            }
            usleep(random_int(intdiv($pause, 2), $pause));
        }
    }

    /** Stores that do not answer in time may do so in a moment: `none` of them, or none but those that are `behind`. */
    private function isPatient(string $with, float $since): bool
    {
        return microtime(true) - $since < ($this->settings['patience'][$with] ?? 0);
    }

    /**
     * Locks on every store that answers, in the same order for everybody, or on none: then whose lock it is, and where. A store that
     * may lack something is not gone by alone, while there is patience with the others.
     */
    private function tryLock(float $since): array
    {
        $this->token = bin2hex(random_bytes(12));
        [$this->version, $this->data, $this->isKnown] = [0, '', false];
        // What a store that hangs does for somebody who has left ends by itself.
        $first = (int) (1000 * count($this->stores) * $this->settings['timeout']) + 500;
        [$isWhole, $away] = [false, []];
        foreach ($this->inTurn() as $store) {
            $isAway = in_array($store->name, $away);
            if ($isWhole && $store->hasFailedWithin($isAway ? self::SKIPPED_AWAY : self::SKIPPED)) {
                continue;
            }
            $asked = microtime(true);
            $found = $store->ask(Scripts::LOCK, $this->keys($this->id), [$this->token, $first], $this->token);
            if ($found === null) {
                continue;
            }
            if (!$found[0]) {
                $this->release();
                return [$found[1], $store];
            }
            $this->locked[] = $store;
            // Whoever took long may have hung, and does not know it yet.
            if (($found[4] ?? '') !== '' && microtime(true) - $asked < $this->settings['timeout'] / 2) {
                [$isWhole, $away] = [true, json_decode($found[4])];
            }
            if ((int) $found[1] > $this->version) {
                [$this->version, $this->data, $this->isKnown] = [(int) $found[1], $found[2], $found[3] !== '1'];
            }
        }
        $lacking = $this->locked ? 'behind' : 'none';
        if (!$isWhole && count($this->locked) < count($this->stores) && $this->isPatient($lacking, $since)) {
            $this->release();
            return ['', null];
        }
        if (!$this->locked) {
            throw new \RuntimeException('sessions: no store answers');
        }
        $keep = [$this->token, 1000 * $this->settings['lockFor']];
        $this->locked = array_filter($this->locked, fn (Store $store) => $store->ask(Scripts::KEEP, $this->keys($this->id), $keep)[0] ?? 0);
        return ['', null];
    }

    /** @return Store[] those that have not answered last: they may be skipped when another one has */
    private function inTurn(): array
    {
        $last = array_filter($this->stores, fn (Store $store) => $store->hasFailedWithin(self::SKIPPED_AWAY));
        return [...array_udiff($this->stores, $last, self::byName(...)), ...$last];
    }

    private static function byName(Store $one, Store $other): int
    {
        return $one->name <=> $other->name;
    }

    private function keys(string $id): array
    {
        return ["session:{$this->settings['site']}:$id", "lock:{$this->settings['site']}:$id", 'missed:(nothing)'];
    }

    private function store(string $id, string $data, string $gone): bool
    {
        $this->take($id);
        $lifetime = 1000 * max((int) ini_get('session.gc_maxlifetime'), 1);
        $values = [$this->token, $this->version + 1, $data, $lifetime, $gone];
        for ($began = microtime(true); ; usleep(50_000)) {
            $answers = array_map(fn (Store $store) => $store->ask(Scripts::WRITE, $this->keys($id), $values, $this->token), $this->locked);
            $have = array_filter($this->locked, fn (int $i) => $answers[$i][0] ?? 0, ARRAY_FILTER_USE_KEY);
            if ($have || !in_array(null, $answers, true) || !$this->isPatient('none', $began)) {
                break;
            }
        }
        $this->locked = [];
        if (!$have) {
            throw new \RuntimeException('sessions: no store has taken the session');
        }
        $missing = array_udiff($this->stores, $have, self::byName(...));
        $marks = array_map(fn (Store $store) => "missed:$store->name", array_values($missing));
        foreach ($marks ? $have : [] as $store) {
            $store->ask(Scripts::MISSED, $marks, [bin2hex(random_bytes(8))]);
        }
        return true;
    }

    private function release(): void
    {
        foreach ($this->locked as $store) {
            $store->ask(Scripts::RELEASE, $this->keys($this->id), [$this->token]);
        }
        $this->locked = [];
    }
}

// Before the answer has left: a session that cannot be kept is an error that the visitor sees.
session_set_save_handler(new Sessions(require getenv('EVENKEEL_SESSIONS')), true);
