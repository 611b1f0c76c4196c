<?php
// WordPress' object cache, as object_cache.php's functions ask it: what this request has seen, before what the servers have.

final class Evenkeel_Object_Cache
{
    private const LONGEST_S = 3600;

    /** What this request has read or written, by full names. */
    private array $seen = [];
    /** Groups that all blogs of a network have in common. */
    private array $global = [];
    /** Groups that end with the request. */
    private array $passing = [];

    public function __construct(private Evenkeel_Cache_Servers $servers, public int $blog)
    {
    }

    public function addGlobal(array $groups): void
    {
        $this->global += array_fill_keys($groups, true);
    }

    public function addPassing(array $groups): void
    {
        $this->passing += array_fill_keys($groups, true);
    }

    /** @param string $how add, set or replace */
    public function write(string $how, $key, $data, $group, int $expire): bool
    {
        $name = $this->name($key, $group);
        if ($name === null) {
            return false;
        }
        $data = self::copy($data);
        $isThere = array_key_exists($name, $this->seen);
        if ($how === 'add' && $isThere) {
            return false;
        }
        if ($this->isKept($group)) {
            $seconds = $expire > 0 ? min($expire, self::LONGEST_S) : self::LONGEST_S;
            if (!$this->servers->write($how, $name, $data, $seconds)) {
                unset($this->seen[$name]);
                return false;
            }
        } elseif ($how === 'replace' && !$isThere) {
            return false;
        }
        $this->seen[$name] = $data;
        return true;
    }

    public function get($key, $group, bool $force, &$found)
    {
        $found = false;
        $name = $this->name($key, $group);
        if ($name === null) {
            return false;
        }
        $this->read([$name], $group, $force);
        $found = array_key_exists($name, $this->seen);
        return $found ? self::copy($this->seen[$name]) : false;
    }

    public function getMultiple(array $keys, $group, bool $force): array
    {
        $names = array_map(fn ($key) => $this->name($key, $group), $keys);
        $this->read(array_filter($names), $group, $force);
        $values = [];
        foreach (array_values($keys) as $i => $key) {
            $name = array_values($names)[$i];
            $values[$key] = $name !== null && array_key_exists($name, $this->seen) ? self::copy($this->seen[$name]) : false;
        }
        return $values;
    }

    public function delete($key, $group): bool
    {
        $name = $this->name($key, $group);
        if ($name === null) {
            return false;
        }
        $wasThere = array_key_exists($name, $this->seen);
        unset($this->seen[$name]);
        return $this->isKept($group) ? $this->servers->delete($name) || $wasThere : $wasThere;
    }

    public function count($key, int $offset, $group): int|false
    {
        $former = $this->get($key, $group, true, $found);
        if (!$found) {
            return false;
        }
        $sum = max(0, (is_numeric($former) ? (int) $former : 0) + $offset);
        return $this->write('set', $key, $sum, $group, 0) ? $sum : false;
    }

    public function flush(): bool
    {
        $this->forget();
        return $this->servers->forget();
    }

    public function forget(): bool
    {
        $this->seen = [];
        return true;
    }

    private function read(array $names, $group, bool $force): void
    {
        if (!$this->isKept($group)) {
            return;
        }
        $wanted = $force ? $names : array_filter($names, fn ($name) => !array_key_exists($name, $this->seen));
        if ($wanted) {
            $this->seen = $this->servers->read(array_values($wanted)) + array_diff_key($this->seen, array_flip($wanted));
        }
    }

    private function isKept($group): bool
    {
        return !isset($this->passing[$group ?: 'default']);
    }

    /** Null for what is no key. */
    private function name($key, $group): ?string
    {
        if (!is_int($key) && (!is_string($key) || trim($key) === '')) {
            return null;
        }
        $group = $group ?: 'default';
        $blog = isset($this->global[$group]) ? 0 : $this->blog;
        return "$blog:$group:$key";
    }

    private static function copy($data)
    {
        return is_object($data) ? clone $data : $data;
    }
}
