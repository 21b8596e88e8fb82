#!/bin/bash
# wall.sh COMMAND [RUNS]: wall and CPU of one scan at depth standard from the shell, JVM start included, the fastest run first.
# The server is an nginx with Mozilla's intermediate profile and an ECDSA key. In a network of its own: see bench/run.
set -eu
command=$1
runs=${2-10}
work=$(mktemp -d)
nginx=
trap '[ -z "$nginx" ] || kill "$nginx"; rm -rf "$work"' EXIT
openssl req -x509 -nodes -days 5 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout "$work/key.pem" -out "$work/cert.pem" \
  -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
cat >"$work/nginx.conf" <<END
daemon off; master_process off; pid $work/nginx.pid; error_log $work/nginx.log;
events { worker_connections 512; }
http {
  access_log off;
  server {
    listen 127.0.0.1:8443 ssl; server_name localhost; ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1:secp384r1;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;
  }
}
END
nginx -c "$work/nginx.conf" &
nginx=$!
until (exec 3<>/dev/tcp/127.0.0.1/8443) 2>/dev/null; do sleep 0.05; done
TIMEFORMAT='%R s wall, %U s user, %S s system'
for _ in $(seq "$runs"); do
  { time "$command" scan 127.0.0.1:8443 --sni localhost --format json >"$work/report.json" 2>"$work/said"; } 2>>"$work/times"
  grep -q '"outcome" : "complete"' "$work/report.json" || { cat "$work/said" >&2; exit 1; }
done
sort -n "$work/times"
