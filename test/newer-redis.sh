#!/usr/bin/env bash
# The store's tests on Redis 8 and on Valkey 8, which Debian 13 has. They run from a folder of their own, beside whatever
# Redis this system has. Needs root, and debootstrap, which it installs; where there is none, it says so and tests nothing.
# bash test/newer-redis.sh [FOLDER OR FILE OF TESTS…]
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$#" -gt 0 ] || set -- packages/store

if ! command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >/dev/null || true
fi
if ! command -v debootstrap >/dev/null || [ "$(id -u)" != 0 ]; then
  echo 'no newer Redis was tested: that takes root and debootstrap'
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
debian=$work/debian
debootstrap --variant=minbase --include=redis-server,valkey-server trixie "$debian" >"$work/log" 2>&1 || { tail -5 "$work/log"; exit 1; }

loader=$(echo "$debian"/usr/lib*/ld-linux-*.so.*)
for program in redis-server valkey-server; do
  cat >"$work/$program" <<W
#!/bin/sh
exec $loader --argv0 $program --library-path $debian/usr/lib/$(uname -m)-linux-gnu $debian/usr/bin/$program "\$@"
W
  chmod +x "$work/$program"
  "$work/$program" --version
  REDIS_SERVER=$work/$program npm test --silent -- "$@"
done
