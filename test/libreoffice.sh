#!/usr/bin/env bash
# The report's formulas in LibreOffice, which calculates the workbook that the worker writes. It comes from Debian 13, is
# unpacked once into a folder of its own and kept there. Needs root and debootstrap, which it installs; where there is none,
# it says so and tests nothing.
# bash test/libreoffice.sh [FOLDER OR FILE OF TESTS…]
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$#" -gt 0 ] || set -- packages/worker/test/report

if ! command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >/dev/null || true
fi
if ! command -v debootstrap >/dev/null || [ "$(id -u)" != 0 ]; then
  echo 'no formula was calculated: that takes root and debootstrap'
  exit 0
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/shopee-webhook
debian=$cache/debian-13-libreoffice
if [ ! -e "$debian.complete" ]; then
  mkdir -p "$cache"
  rm -rf --one-file-system "$debian"
  debootstrap --variant=minbase --include=libreoffice-calc-nogui trixie "$debian" >"$cache/debootstrap.log" 2>&1 ||
    { tail -5 "$cache/debootstrap.log"; exit 1; }
  rm -rf "$debian"/var/cache/apt/archives/*.deb
  touch "$debian.complete"
fi

# soffice FOLDER ARGUMENTS…: sees the folder as /mnt. The mounts are its own and end with it; without a /tmp of its own it
# would hand its arguments to another one that runs.
export LIBREOFFICE=$cache/soffice
cat >"$LIBREOFFICE" <<'W'
#!/bin/sh
debian=$(dirname "$0")/debian-13-libreoffice
export DEBIAN="$debian" FOLDER="$1"
shift
exec unshare --mount sh -c 'mount --bind /proc "$DEBIAN/proc" && mount --bind "$FOLDER" "$DEBIAN/mnt" &&
  mount -t tmpfs none "$DEBIAN/tmp" && exec chroot "$DEBIAN" soffice -env:UserInstallation=file:///mnt/profile --headless "$@"' soffice "$@"
W
chmod +x "$LIBREOFFICE"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
if ! "$LIBREOFFICE" "$work" --version; then
  echo 'no formula was calculated: this machine lets nothing be mounted'
  exit 0
fi
npm test --silent -- "$@"
