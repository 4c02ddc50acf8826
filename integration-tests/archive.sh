# Sourced by setup: packages out of other suites of Debian than this machine's, through an apt configuration of its own:
# the system's package lists and pins stay as they are.
# shellcheck shell=bash

archive=

# Sets the folder $archive up, once, for what follows.
open_archive() {
  [ -z "$archive" ] || return 0
  local mirror keyring suite
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ' || true)
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  archive=$(mktemp -d)
  trap 'rm -rf "$archive"' EXIT
  mkdir -p "$archive"/{lists/partial,cache/archives/partial}
  touch "$archive/status"
  for suite in sid bookworm; do
    echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main"
  done >"$archive/sources.list"
  archive_apt get update >"$archive/log" 2>&1 || archive_failed "read Debian's package lists"
}

# archive_apt get|cache ARGUMENT...
archive_apt() {
  local command=apt-$1
  shift
  "$command" -q -o "Dir::Etc::sourcelist=$archive/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=- \
    -o "Dir::State::lists=$archive/lists" -o "Dir::State::status=$archive/status" -o "Dir::Cache=$archive/cache" \
    -o APT::Sandbox::User=root -o Acquire::Languages=none \
    -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false "$@"
}

archive_failed() {
  tail -n 20 "$archive/log" >&2
  fail "could not $1"
}

# unpack_newest FOLDER PACKAGE...: puts the files of the newest versions into the folder, and their names into 'packages'.
unpack_newest() {
  local folder=$1 package
  shift
  mkdir -p "$folder/debs"
  (cd "$folder/debs" && archive_apt get download "$@") >"$archive/log" 2>&1 || archive_failed "fetch $* from Debian"
  for package in "$folder"/debs/*.deb; do
    dpkg-deb -x "$package" "$folder"
  done
  (cd "$folder/debs" && echo *.deb) >"$folder/packages"
  rm -r "$folder/debs"
}
