#!/bin/sh
# grafana/test.sh [URL [TOKEN]]: rules checked and unit-tested, dashboards generated again, compared and linted; with the URL
# of a running tlsfleet also every query against a real Prometheus that scrapes it. Needs promtool and prometheus, node, npm.
set -eu
cd "$(dirname -- "$0")"
for program in promtool node npm; do
  command -v "$program" >/dev/null 2>&1 || { echo "grafana/test.sh: $program is missing (Debian: apt-get install prometheus nodejs npm)" >&2; exit 2; }
done
promtool check rules rules/*.rules.yml
promtool test rules rules/*.test.yml
[ -d node_modules ] || npm ci --no-audit --no-fund --no-progress --loglevel=error
before=$(cat dashboards/*.json | sha256sum)
npm run --silent generate
[ "$before" = "$(cat dashboards/*.json | sha256sum)" ] || { echo 'grafana/test.sh: dashboards/ was not generated from src/: run npm run generate and commit' >&2; exit 1; }
node lint.mjs
if [ $# -ge 1 ]; then
  node live.mjs "$@"
else
  echo 'grafana/test.sh: no URL given: the queries were not asked of a running product' >&2
fi
