<?php
// FOLDER TITLE USER EMAIL: installs WordPress where there is none, and brings its tables up to its version where
// there is; the administrator's password is in the file that WORDPRESS_ADMIN_PASSWORD_FILE names.
declare(strict_types=1);

if (PHP_SAPI !== 'cli') {
    exit;
}

// Nobody is told by mail.
function wp_new_blog_notification(): void
{
}

[, $folder, $title, $user, $email] = $argv;
define('WP_INSTALLING', true);
// In the scope of WordPress' own files.
require "$folder/wp-load.php";
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

// It would ask itself over the network whether its paths work: they do.
add_filter('pre_http_request', fn () => new WP_Error('offline', 'not while it is installed'));

if (!is_blog_installed()) {
    $password = file_get_contents(getenv('WORDPRESS_ADMIN_PASSWORD_FILE'));
    wp_install($title, $user, $email, true, '', wp_slash($password));
    update_option('permalink_structure', '/%year%/%monthnum%/%day%/%postname%/');
    echo "installed\n";
} elseif ((int) get_option('db_version') !== (int) $wp_db_version) {
    wp_upgrade();
    echo "tables are of version $wp_db_version\n";
}
// What another version has kept may be of another shape: an object cache begins anew.
$wpdb->delete($wpdb->options, ['option_name' => 'evenkeel_object_cache']);
if (!is_blog_installed()) {
    fwrite(STDERR, "WordPress has no tables in this database: $wpdb->last_error\n");
    exit(1);
}
