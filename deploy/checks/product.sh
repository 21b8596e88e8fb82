#!/bin/sh
# The whole product as a user starts it: `up --demo` on a port and a data directory of its own, then the journey in a real
# browser and every query of the dashboards against a real Prometheus. Ends with everything stopped, and checks that.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
work=$(mktemp -d)
port=$((20000 + $$ % 20000))
url=http://127.0.0.1:$port
"$home/tlsfleet" version >&2 # builds, where that is still to be done: its time is not the product's
"$home/tlsfleet" up --demo --port "$port" --data-dir "$work/data" >"$work/up.log" 2>&1 &
up=$!
finish() {
  kill "$up" 2>/dev/null || true
  wait "$up" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
say() { printf '%s\n' "product: $*" >&2; }
fail() { say "$*"; tail -n 30 "$work/up.log" >&2; exit 1; }

# what was not written is not "nothing found"
if "$home/tlsfleet" policy list >/dev/full 2>"$work/full"; then fail "exit 0 with nothing written"; fi
grep -q 'standard output cannot be written' "$work/full" || fail "not said: standard output was full"

waited=0
until curl -fs "$url/readyz" >/dev/null 2>&1; do
  kill -0 "$up" 2>/dev/null || fail "up --demo ended by itself"
  waited=$((waited + 1))
  [ "$waited" -lt 240 ] || fail "up --demo did not answer within 240 s"
  sleep 1
done
token=$(cat "$work/data/admin-token")
api() { curl -fsS -H "Authorization: Bearer $token" "$url/api/v1/$1"; }

waited=0
until api 'findings?severity=critical&limit=50' | grep -q 'protocol.sslv3-accepted'; do
  waited=$((waited + 1))
  [ "$waited" -lt 60 ] || fail "no finding of the SSLv3 server within 60 s"
  sleep 1
done
say "first critical findings after $waited s"
waited=0
until [ "$(api 'endpoints?limit=100' | grep -o '"state":"never-scanned"' | wc -l)" = 0 ]; do
  waited=$((waited + 1))
  [ "$waited" -lt 90 ] || fail "not all demo servers were scanned within 90 s"
  sleep 1
done

# the SSLv3 server by its address: a target that is not in the inventory yet, and has findings
old=$(api 'endpoints?q=sslv3-rc4')
id=$(printf '%s' "$old" | grep -o '"id":[0-9]*' | head -n 1 | cut -d: -f2)
where=$(printf '%s' "$old" | grep -o '"port":[0-9]*' | head -n 1 | cut -d: -f2)
address=$(api "endpoints/$id" | grep -o '127\.[0-9.]*' | head -n 1)
say "browser: adds $address:$where"
node "$home/web-ui/e2e/run.mjs" "$url" "$token" "$address:$where" || fail "the journey in the browser failed"
say "dashboards"
"$home/grafana/test.sh" "$url" "$token" || fail "a dashboard's query brings no data"

kill "$up"
wait "$up" 2>/dev/null || true
left=$(pgrep -f "$work/data" || true)
[ -z "$left" ] || fail "left running after the end: $left"
say "stopped, nothing left"

# What is handed out: with the notices of those whose methods it implements, without what stands under the FoxIO licence.
archive=$(sh "$home/deploy/dist/archive.sh" "$work/tlsfleet.tar.gz")
mkdir "$work/unpacked"
tar -C "$work/unpacked" -xzf "$archive"
grep -rq 'JA4: TLS Client Fingerprinting' "$work"/unpacked/*/NOTICE || fail "the archive has no NOTICE with JA4's terms"
for jar in $(find "$work/unpacked" -name '*.jar'); do
  if grep -aq 'io/tlsfleet/ja4plus' "$jar"; then fail "the archive's $(basename "$jar") contains ja4plus"; fi
done
[ -z "$(find "$work/unpacked" -name '*ja4plus*')" ] || fail "the archive contains ja4plus"
grep -q 'rm -rf /opt/tlsfleet/plugins' "$home/deploy/container/Dockerfile" || fail "the image would contain the plugin folder"
[ -s "$home/deploy/launcher/target/dist/NOTICE" ] || fail "the image would have no NOTICE"
say "the archive and the image carry the notices and no ja4plus"

# A scan of many, as it starts there, to a file whose name is a command's word too: nothing but reports, and they in the file.
printf '127.0.0.1:1\n' >"$work/targets"
said=$(cd "$work" && unpacked/*/tlsfleet scan --targets targets --depth certificate --format ndjson --output server 2>&1) || true
[ -z "$said" ] || fail "a scan of many said: $said"
grep -q '"outcome":"unreachable"' "$work/server" || fail "a scan of many wrote no report"
say "a scan of many runs from the archive"

# Out of memory: stdout stays clean, and the exit code is not that of an unreachable endpoint.
code=0
said=$(head -c 60000000 /dev/zero | TLSFLEET_JAVA_OPTS=-Xmx32m sh -c 'exec "$0" fingerprint - 2>"$1"' "$work"/unpacked/*/tlsfleet "$work/oom") || code=$?
[ "$code" = 137 ] && [ -z "$said" ] || fail "out of memory it exits with $code and says on stdout: $said"
grep -q '^tlsfleet: out of memory: give it more' "$work/oom" || fail "out of memory it says: $(cat "$work/oom")"
say "running out of memory is told on stderr"
