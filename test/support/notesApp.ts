/** A small application that tells what it was told, and notes in its database what ran where. */
const CONNECT = `$db = new PDO("mysql:host=" . getenv("DB_HOST") . ";port=" . getenv("DB_PORT") . ";dbname=" . getenv("DB_DATABASE"),
    getenv("DB_USERNAME"), file_get_contents(getenv("DB_PASSWORD_FILE")));
$note = fn (string $what) => $db->prepare("INSERT INTO noted (what, host, at) VALUES (?, ?, NOW(3))")->execute([$what, gethostname()]);`;

const files = (setup: string): Record<string, string> => ({
    "index.html": "<h1>Notes</h1>",
    "health.php": `<?php ${CONNECT} $db->query("SELECT 1 FROM noted"); echo "well";`,
    "tell.php": `<?php echo json_encode([
    "env" => getenv("APP_ENV"), "key" => file_get_contents(getenv("SIGNING_KEY_FILE")), "writable" => is_writable(getenv("SIGNING_KEY_FILE")),
    "host" => gethostname(), "user" => posix_getpwuid(posix_geteuid())["name"]]);`,
    "mail.php": `<?php echo mail("reader@example.com", "Greetings", "Line one") ? "sent" : "refused";`,
    "setup.php": `<?php ${CONNECT} ${setup}
$db->exec("CREATE TABLE IF NOT EXISTS noted (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20), host VARCHAR(20), at DATETIME(3))");
$note("setup");`,
    "tick.php": `<?php ${CONNECT} $note("tick");`,
    "long.php": `<?php ${CONNECT} $note("begun"); sleep(30); $note("done");`,
});

export const KEY = 'it\'s "quoted" $HOME \\ #1\nand of two lines';

/** The pool's arguments; `setup` is what the schema's upgrade does first. */
export const notesPool = (setup = "") => `php: true, files: ${JSON.stringify(files(setup))}`;

export const notesApp = (more = "") => `new evenkeel.WebApp("notes", {
    pool: web,
    environment: { APP_ENV: "production" },
    secrets: { SIGNING_KEY: pulumi.secret(${JSON.stringify(KEY)}) },
    database: shop.connection,
    healthPath: "/health.php",
    setup: ["php", "setup.php"],
    mail: { host: "localhost", port: 2525, from: "notes@example.com", tls: false },
    ${more}
});

export const connection`;
