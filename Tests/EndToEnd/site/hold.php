<?php
// Keeps the session's lock, as a slow page does, until the tests remove the file.
session_start();
$_SESSION['touched'] = 1;
touch($_POST['flag']);
for ($i = 0; $i < 500 && file_exists($_POST['flag']); $i++) {
    usleep(10000);
    clearstatcache();
}
echo 'ok';
