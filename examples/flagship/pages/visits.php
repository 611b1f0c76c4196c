<?php
// Each visit is a row: it is written where the database takes writes, and what is shown comes from where it is read.
const LATEST = 'SELECT id, host, time FROM visits ORDER BY id DESC LIMIT 10';

function connect(int|string $port, array $client, string $schema): mysqli
{
    $db = mysqli_init();
    $db->options(MYSQLI_OPT_CONNECT_TIMEOUT, 3);
    $db->real_connect($client['host'], $client['user'], $client['password'], $schema, (int) $port);
    return $db;
}

function visit(mysqli $db): int
{
    $insert = fn () => $db->execute_query('INSERT INTO visits (host) VALUES (?)', [gethostname()]);
    try {
        $insert();
    } catch (mysqli_sql_exception $error) {
        if ($error->getCode() !== 1146) {
            throw $error;
        }
        // The first visit of all.
        $db->query('CREATE TABLE IF NOT EXISTS visits (id INT AUTO_INCREMENT PRIMARY KEY, host VARCHAR(64), time TIMESTAMP)');
        $insert();
    }
    return $db->insert_id;
}

try {
    $options = parse_ini_file('/etc/evenkeel/databases/shop.cnf', true, INI_SCANNER_RAW);
    ['client' => $client, 'client_read' => $reader, 'mariadb-client' => ['database' => $schema]] = $options;
    $visit = visit(connect($client['port'], $client, $schema));
    $latest = connect($reader['port'], $client, $schema)->query(LATEST)->fetch_all(MYSQLI_ASSOC);
} catch (mysqli_sql_exception $error) {
    http_response_code(503);
    error_log($error->getMessage());
    exit("<!doctype html>\n<h1>Error establishing a database connection</h1>\n");
}
?>
<!doctype html>
<h1>Visit <?= $visit ?></h1>
<ul>
<?php foreach ($latest as ['id' => $id, 'host' => $host, 'time' => $time]) { ?>
    <li><?= "$id by $host at $time UTC" ?></li>
<?php } ?>
</ul>
