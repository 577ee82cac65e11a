<?php
// As the old site does: one connection for each request, no authorisation.
header('Content-Type: application/json');
$db = new PDO('mysql:unix_socket=' . getenv('BENCH_DB') . ';dbname=nati;charset=utf8mb4', 'root', '');
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
