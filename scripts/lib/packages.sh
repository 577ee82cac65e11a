# Debian packages: installs what is missing of those named, and nothing else.

PACKAGES_TO_BUILD="libfcgi-dev libmariadb-dev libcrypt-dev libcurl4-openssl-dev pkg-config"
PACKAGES_TO_RUN="mariadb-server mariadb-client nginx-light curl"
PACKAGES_TO_TEST="php-fpm php-mysql php-cli spawn-fcgi openssl python3 python3-venv chromium libjs-jquery
  fonts-sil-abyssinica"

install_missing() {
  local missing="" package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  local as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo"
  echo "Installing:$missing"
  # The stock services that some packages bring are not wanted: ours are private.
  $as_root apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing \
    >/dev/null
}

require_swift() {
  command -v swift >/dev/null || {
    echo "Swift 6 is needed: https://www.swift.org/install/linux/" >&2
    exit 1
  }
}

build_release() {
  swift build -c release -Xswiftc -static-stdlib --product nati-chat
}

# The Python environment of the tests; made anew when what it shall hold changes.
make_test_environment() {
  cmp -s Tests/EndToEnd/requirements.txt .build/venv/done && return 0
  python3 -m venv .build/venv
  .build/venv/bin/pip install -q --disable-pip-version-check -r Tests/EndToEnd/requirements.txt
  cp Tests/EndToEnd/requirements.txt .build/venv/done
}
