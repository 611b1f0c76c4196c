<?php
// What WordPress' own files give its object cache, and one request after the other that asks it; tells what they found as JSON.
// FOLDER has the drop-in's files, ADDRESSES the memcached servers, PID is one of their processes.

final class wpdb
{
    public string $options = 'options';
    public array $rows = [];

    public function suppress_errors(bool $is): bool
    {
        return $is;
    }

    public function prepare(string $statement, ...$values): array
    {
        return [$statement, is_array($values[0]) ? $values[0] : $values];
    }

    public function get_var(array $prepared): ?string
    {
        return $this->rows[$prepared[1][0]] ?? null;
    }

    public function query(array $prepared): int
    {
        [$statement, $values] = $prepared;
        if (str_starts_with($statement, 'INSERT')) {
            $isNew = !isset($this->rows[$values[0]]);
            $this->rows[$values[0]] ??= $values[1];
            return (int) $isNew;
        }
        [$text, $name, $former] = $values;
        if (($this->rows[$name] ?? null) !== $former || $text === $former) {
            return 0;
        }
        $this->rows[$name] = $text;
        return 1;
    }
}

function is_multisite(): bool
{
    return false;
}

function wp_suspend_cache_addition(): bool
{
    return false;
}

[, $folder, $addresses, $pid] = $argv;
file_put_contents("$folder/salts", 'salts');
putenv("WORDPRESS_SALTS_FILE=$folder/salts");
putenv("MEMCACHED_SERVERS=$addresses");
$wpdb = new wpdb();
require "$folder/object-cache.php";

/** As another request would, on whichever host. */
function request(callable $work)
{
    wp_cache_init();
    return $work();
}

$names = array_map(fn (int $i) => "name $i", range(1, 50));
$write = fn ($value) => request(fn () => array_map(fn ($name) => wp_cache_set($name, $value, 'group'), $names));
$read = fn () => array_count_values(array_map(json_encode(...), request(fn () => wp_cache_get_multiple($names, 'group'))));
$inUse = fn () => substr_count($wpdb->rows['evenkeel_object_cache'], 'epoch');
$took = function (callable $work): int {
    $began = microtime(true);
    $work();
    return (int) (1000 * (microtime(true) - $began));
};

$told = [];
$write('first');
$told['kept'] = $read();
$told['false is a value'] = request(function () {
    wp_cache_set('no', false);
    wp_cache_init();
    $value = wp_cache_get('no', '', false, $found);
    return [$value, $found];
});
$told['added once'] = request(fn () => [wp_cache_add('name 1', 'x', 'group'), wp_cache_add('new', 'x', 'group')]);
$told['counted'] = request(fn () => [wp_cache_set('count', 1), wp_cache_incr('count', 4), wp_cache_decr('count', 9)]);
$told['deleted'] = request(fn () => [wp_cache_delete('new', 'group'), wp_cache_delete('new', 'group'), wp_cache_get('new', 'group')]);
$told['too large'] = request(function () {
    wp_cache_set('large', 'small');
    wp_cache_set('large', random_bytes(2 << 20));
    wp_cache_init();
    return wp_cache_get('large');
});
$told['an object of its own'] = request(function () {
    $object = (object) ['a' => 1];
    wp_cache_set('object', $object);
    $object->a = 2;
    return wp_cache_get('object')->a;
});
request(fn () => wp_cache_flush());
$told['flushed'] = $read();

$write('old');
posix_kill((int) $pid, SIGSTOP);
$told['ms while one hangs'] = $took(fn () => $write('new'));
$told['in use while one hangs'] = $inUse();
$told['known while one hangs'] = $read();
posix_kill((int) $pid, SIGCONT);
$told['known when it goes on'] = $read();
for ($i = 0; $i < 300 && $inUse() < 2; $i++) {
    usleep(100_000);
    request(fn () => null);
}
$told['in use again'] = $inUse();
$told['known then'] = $read();
$write('last');
$told['kept again'] = $read();

// Whoever reaches memcached, another site's PHP, writes there what it likes.
$key = hash('sha256', 'cache salts');
$written = 0;
foreach (json_decode($wpdb->rows['evenkeel_object_cache'], true) as $address => ['epoch' => $epoch]) {
    $other = new Memcached();
    $other->addServer(...explode(':', $address));
    foreach ($names as $name) {
        $place = hash('sha256', "$key $epoch 0:group:$name");
        $written += (int) $other->replace($place, str_repeat('x', 32) . serialize('poison'));
    }
}
$told['written by others'] = $written;
$told['known then of the former'] = $read();
echo json_encode($told);
