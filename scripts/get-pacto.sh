#!/bin/sh
# Installs pacto from a release: finds the platform, downloads, checks the checksum, puts it in place.
# Everything stands in functions, and the last line runs them: a download that breaks off does nothing.
set -eu

BINARY_NAME="${BINARY_NAME:-pacto}"
REPO="${REPO:-pacto/pacto}"
API_URL="${API_URL:-https://api.github.com}"
PACTO_INSTALL_DIR="${PACTO_INSTALL_DIR:-/usr/local/bin}"
USE_SUDO="${USE_SUDO:-auto}"
VERSION="${VERSION:-}"
DEBUG="${DEBUG:-}"

fail() {
  echo "error: $*" >&2
  exit 1
}

help() {
  cat <<'TEXT'
Installs pacto.

  --version, -v VERSION   the release to install (default: the latest)
  --no-sudo               never use sudo
  --help, -h              this text

Environment: PACTO_INSTALL_DIR (/usr/local/bin), BINARY_NAME, REPO, API_URL, USE_SUDO, DEBUG
TEXT
}

parse() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --version | -v)
        [ $# -ge 2 ] || fail "$1 needs a version"
        VERSION="$2"
        shift
        ;;
      --no-sudo) USE_SUDO=false ;;
      --help | -h)
        help
        exit 0
        ;;
      *) fail "unknown option $1; see --help" ;;
    esac
    shift
  done
}

platform() {
  os=$(uname -s | tr '[:upper:]' '[:lower:]')
  case "$os" in
    linux | darwin) ;;
    mingw* | msys* | cygwin*) os=windows ;;
    *) fail "the operating system $os is not supported" ;;
  esac
  arch=$(uname -m)
  case "$arch" in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "the architecture $arch is not supported" ;;
  esac
  asset="pacto_${os}_${arch}"
  [ "$os" = windows ] && asset="$asset.exe"
  return 0
}

# fetch URL FILE
fetch() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --retry 2 -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1"
  else
    fail "neither curl nor wget is there"
  fi
}

sum() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  else
    fail "neither sha256sum nor shasum is there, and nothing unchecked is installed"
  fi
}

# url_of NAME: the address of a file of the release described in $work/release.json
url_of() {
  tr ',{}' '\n\n\n' <"$work/release.json" |
    sed -n 's/.*"browser_download_url"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' |
    grep "/$1\$" | head -n 1
}

as_root() {
  if [ "$needs_sudo" = true ]; then sudo "$@"; else "$@"; fi
}

install_pacto() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ -n "$VERSION" ]; then
    release="$API_URL/repos/$REPO/releases/tags/v${VERSION#v}"
  else
    release="$API_URL/repos/$REPO/releases/latest"
  fi
  fetch "$release" "$work/release.json" || fail "there is no release ${VERSION:-at all} at $REPO"
  tag=$(tr ',{}' '\n\n\n' <"$work/release.json" | sed -n 's/.*"tag_name"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' | head -n 1)
  target="$PACTO_INSTALL_DIR/$BINARY_NAME"
  [ "$os" = windows ] && target="$target.exe"
  if [ -x "$target" ] && "$target" version 2>/dev/null | grep -q "pacto version $tag\$"; then
    echo "pacto $tag is installed already: $target"
    return 0
  fi
  file=$(url_of "$asset")
  sums=$(url_of checksums.txt)
  [ -n "$file" ] || fail "release $tag has no file $asset"
  [ -n "$sums" ] || fail "release $tag has no checksums"
  echo "Downloading pacto $tag ($os/$arch)"
  fetch "$file" "$work/pacto" || fail "$file cannot be downloaded"
  fetch "$sums" "$work/checksums.txt" || fail "$sums cannot be downloaded"
  expected=$(sed -n "s/^\([0-9a-fA-F]\{64\}\)[ *]*$asset\$/\1/p" "$work/checksums.txt" | head -n 1)
  [ -n "$expected" ] || fail "the checksums of $tag lack $asset"
  found=$(sum "$work/pacto")
  [ "$expected" = "$found" ] || fail "the checksum of $asset differs: expected $expected, got $found"
  chmod 755 "$work/pacto"
  needs_sudo=false
  if [ ! -w "$PACTO_INSTALL_DIR" ] && [ "$(id -u)" -ne 0 ] && [ "$USE_SUDO" != false ] && [ -d "$PACTO_INSTALL_DIR" ]; then
    needs_sudo=true
  fi
  as_root mkdir -p "$PACTO_INSTALL_DIR"
  # Beside its place first, then renamed: there is never half a program.
  as_root cp "$work/pacto" "$target.new" || fail "$PACTO_INSTALL_DIR cannot be written"
  as_root mv -f "$target.new" "$target"
  echo "Installed pacto $tag to $target"
  case ":$PATH:" in
    *":$PACTO_INSTALL_DIR:"*) ;;
    *) echo "warning: $PACTO_INSTALL_DIR is not on the PATH" >&2 ;;
  esac
}

main() {
  [ -z "$DEBUG" ] || set -x
  parse "$@"
  platform
  install_pacto
}

main "$@"
