<?php
// What is uploaded comes to the host that answers; a second later it is on all of them.
const FOLDER = __DIR__ . '/uploads';
const KINDS = ['image/gif' => 'gif', 'image/jpeg' => 'jpg', 'image/png' => 'png', 'text/plain' => 'txt'];

function store(array $file): string
{
    if ($file['error'] !== UPLOAD_ERR_OK) {
        throw new RuntimeException('the file did not arrive');
    }
    $kind = mime_content_type($file['tmp_name']);
    if (!isset(KINDS[$kind])) {
        throw new RuntimeException('pictures and texts only');
    }
    // Named by what is in it: hosts that get the same file at once do not differ.
    $name = hash_file('sha256', $file['tmp_name']) . '.' . KINDS[$kind];
    if (!move_uploaded_file($file['tmp_name'], FOLDER . "/$name")) {
        throw new RuntimeException('the file could not be stored');
    }
    return $name;
}

$stored = $refused = null;
try {
    if (isset($_FILES['file'])) {
        $stored = store($_FILES['file']);
        http_response_code(201);
    }
} catch (RuntimeException $error) {
    http_response_code(400);
    $refused = $error->getMessage();
}
$names = array_map('basename', glob(FOLDER . '/*.{gif,jpg,png,txt}', GLOB_BRACE));
?>
<!doctype html>
<title>Uploads</title>
<h1>Uploads, as <?= gethostname() ?> has them</h1>
<?php if ($stored) { ?><p>Stored as <a href="uploads/<?= $stored ?>"><?= $stored ?></a></p><?php } ?>
<?php if ($refused) { ?><p>Not stored: <?= $refused ?></p><?php } ?>
<form method="post" enctype="multipart/form-data"><input type="file" name="file"><button>Upload</button></form>
<ul>
<?php foreach ($names as $name) { ?>
    <li><a href="uploads/<?= $name ?>"><?= $name ?></a></li>
<?php } ?>
</ul>
