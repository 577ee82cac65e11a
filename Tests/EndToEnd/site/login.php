<?php
// Writes the session as the site's own log-in does: ids as text, arrays and odd texts beside them.
session_start();
$_SESSION['cart'] = ['a|b' => 1, 'nested' => ['x' => null, 'y' => 1.5, 'z' => true]];
$_SESSION['flash'] = "quotes \" and | and ; and }";
if (isset($_POST['user'])) {
    $_SESSION['user_id'] = (string) $_POST['user'];
    $_SESSION['id'] = (string) $_POST['user'];
    $_SESSION['name'] = 'ሰላም | "x"';
    $_SESSION['role'] = 'user';
}
if (isset($_POST['admin'])) {
    $_SESSION['admin_id'] = (int) $_POST['admin'];
    $_SESSION['admin_position'] = 'superadmin';
    $_SESSION['last_activity'] = time() - (int) ($_POST['idle'] ?? 0);
}
if (isset($_POST['worker'])) {
    $_SESSION['id_worker'] = (string) $_POST['worker'];
    $_SESSION['user_name_worker'] = 'dawit';
}
if (isset($_POST['object'])) {
    $_SESSION['thing'] = new ArrayObject(['user_id' => '1']);
    $_SESSION['when'] = new DateTime('2020-01-01');
}
echo 'ok';
