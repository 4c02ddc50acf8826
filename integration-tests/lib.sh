# Sourced by the scripts beside it: where things are, and what to install when they are missing.
# shellcheck shell=bash disable=SC2034

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${JWG_CACHE:-$HOME/.cache/jwg}

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# The folder of a JDK of the given major version, or nothing.
find_jdk() {
  local version=$1 home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [ -x "$home/bin/javac" ] && grep -qs "^JAVA_VERSION=\"${version}[.\"]" "$home/release"; then
      echo "$home"
      return
    fi
  done
}

# JDK 25 has the fast cipher; otherwise whatever 'java' on the PATH belongs to.
preferred_jdk() {
  local home
  home=$(find_jdk 25)
  if [ -z "$home" ]; then
    home=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
  fi
  echo "$home"
}

# Options, one a line, that keep the JDK in JAVA_HOME from remarking on what libraries do.
quiet_java_options() {
  if grep -qs '^JAVA_VERSION="2[4-9]' "$JAVA_HOME/release"; then
    echo --sun-misc-unsafe-memory-access=allow
    echo --enable-native-access=ALL-UNNAMED
  fi
}

# Maven on the JDK in JAVA_HOME.
quiet_maven() {
  local options
  mapfile -t options < <(quiet_java_options)
  MAVEN_OPTS="${MAVEN_OPTS:-} ${options[*]}" mvn -B -ntp "$@"
}

# install_missing COMMAND:PACKAGE... installs the packages whose command is not on the PATH.
install_missing() {
  local pair packages=()
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
  done
  install_packages "${packages[@]}"
}

install_packages() {
  [ $# -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "please install $* (this script can do so only with apt-get)"
  [ "$(id -u)" = 0 ] || fail "please install $*, or run this script as root"
  echo "installing $*"
  local log
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # A machine that never ran 'update', or not for long, fails on its first try.
  if ! apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1; then
    if ! { apt-get update -q && apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      fail "apt-get could not install $*"
    fi
  fi
  rm -f "$log"
}

install_jdk_17() {
  [ -n "$(find_jdk 17)" ] || install_packages openjdk-17-jdk-headless
}

need_root_and_tun() {
  [ "$(id -u)" = 0 ] || fail "needs root: it makes network namespaces and TUN devices"
  [ -c /dev/net/tun ] || fail "needs /dev/net/tun: try 'modprobe tun'"
}

# What a measurement was made on, and when: the line above each table.
machine() {
  printf '%s, %s processors, Linux %s, %s, %s\n\n' \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)" \
    "$("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 's/^openjdk version "\([^"]*\)".*/JDK \1/p')" "$(date -u +%F)"
}
