<?php
// wp-content/object-cache.php, which WordPress takes in place of its own object cache: what has been read once is kept on memcached
// servers, for all hosts. MEMCACHED_SERVERS has their addresses, WORDPRESS_SALTS_FILE the key that values are signed with.

require_once __DIR__ . '/object-cache-kept.php';
require_once __DIR__ . '/object-cache-servers.php';

function wp_cache_init()
{
    global $wpdb, $wp_object_cache;
    $addresses = array_filter(explode(',', (string) getenv('MEMCACHED_SERVERS')));
    $key = (string) file_get_contents((string) getenv('WORDPRESS_SALTS_FILE'));
    $servers = new Evenkeel_Cache_Servers($wpdb, $wpdb->options, $addresses, hash('sha256', "cache $key"));
    $wp_object_cache = new Evenkeel_Object_Cache($servers, is_multisite() ? get_current_blog_id() : 0);
}

function wp_cache_add($key, $data, $group = '', $expire = 0)
{
    return !wp_suspend_cache_addition() && $GLOBALS['wp_object_cache']->write('add', $key, $data, $group, (int) $expire);
}

function wp_cache_set($key, $data, $group = '', $expire = 0)
{
    return $GLOBALS['wp_object_cache']->write('set', $key, $data, $group, (int) $expire);
}

function wp_cache_replace($key, $data, $group = '', $expire = 0)
{
    return $GLOBALS['wp_object_cache']->write('replace', $key, $data, $group, (int) $expire);
}

function wp_cache_get($key, $group = '', $force = false, &$found = null)
{
    return $GLOBALS['wp_object_cache']->get($key, $group, $force, $found);
}

function wp_cache_get_multiple($keys, $group = '', $force = false)
{
    return $GLOBALS['wp_object_cache']->getMultiple($keys, $group, $force);
}

function wp_cache_delete($key, $group = '')
{
    return $GLOBALS['wp_object_cache']->delete($key, $group);
}

function wp_cache_incr($key, $offset = 1, $group = '')
{
    return $GLOBALS['wp_object_cache']->count($key, (int) $offset, $group);
}

function wp_cache_decr($key, $offset = 1, $group = '')
{
    return $GLOBALS['wp_object_cache']->count($key, -(int) $offset, $group);
}

function wp_cache_flush()
{
    return $GLOBALS['wp_object_cache']->flush();
}

function wp_cache_flush_runtime()
{
    return $GLOBALS['wp_object_cache']->forget();
}

function wp_cache_supports($feature)
{
    return in_array($feature, ['get_multiple', 'flush_runtime'], true);
}

function wp_cache_close()
{
    return true;
}

function wp_cache_add_global_groups($groups)
{
    $GLOBALS['wp_object_cache']->addGlobal((array) $groups);
}

function wp_cache_add_non_persistent_groups($groups)
{
    $GLOBALS['wp_object_cache']->addPassing((array) $groups);
}

function wp_cache_switch_to_blog($blog_id)
{
    $GLOBALS['wp_object_cache']->blog = is_multisite() ? (int) $blog_id : 0;
}
