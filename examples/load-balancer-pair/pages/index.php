<?php
session_start();
$_SESSION["visits"] = ($_SESSION["visits"] ?? 0) + 1;
?>
<!doctype html>
<h1>Pages</h1>
<p>Visit <?= $_SESSION["visits"] ?>, served by <?= gethostname() ?>.</p>
<a href="/images/">pictures</a>
