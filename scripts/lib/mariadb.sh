# A private MariaDB: its own data folder, a unix socket, no network, stopped by its pid.

# mariadb_start FOLDER: makes the data folder once, starts the server, sets MARIADB_PID.
mariadb_start() {
  local folder=$1 account=()
  mkdir -p "$folder"
  if [ "$(id -u)" = 0 ]; then
    account=(--user=mysql)
    chown mysql "$folder"
  fi
  if [ ! -d "$folder/data/mysql" ]; then
    mariadb-install-db --no-defaults "${account[@]}" --datadir="$folder/data" --skip-test-db \
      --auth-root-authentication-method=normal >"$folder/install.log" 2>&1
  fi
  mariadbd --no-defaults "${account[@]}" --datadir="$folder/data" --socket="$folder/socket" \
    --pid-file="$folder/pid" --skip-networking --character-set-server=utf8mb4 \
    --innodb-flush-log-at-trx-commit=1 >"$folder/log" 2>&1 &
  MARIADB_PID=$!
  local try
  for try in $(seq 150); do
    mariadb_root "$folder" -e 'SELECT 1' >/dev/null 2>&1 && return 0
    kill -0 "$MARIADB_PID" 2>/dev/null || break
    sleep 0.2
  done
  echo "MariaDB did not start: see $folder/log" >&2
  return 1
}

# mariadb_root FOLDER ARGUMENT…: the client as the server's owner.
mariadb_root() {
  local folder=$1
  shift
  mariadb --no-defaults --user=root --socket="$folder/socket" "$@"
}
