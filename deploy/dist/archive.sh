#!/bin/sh
# archive.sh [OUT]: deploy/launcher/target/tlsfleet-VERSION.tar.gz, which runs where there is only a JDK 25. The same
# sources give the same bytes. No start-up cache: it fits one JDK build (record.sh makes it where the archive lies), and
# nothing under a licence other than what docs/third-party-licences.md lists.
set -eu
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
target=$home/deploy/launcher/target
version=$("$target/dist/tlsfleet" version | sed 's/^tlsfleet \([^ ]*\) .*/\1/')
name=tlsfleet-$version
out=${1:-$target/$name.tar.gz}
stage=$target/archive.$$
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/$name"
cp -R "$target/dist/tlsfleet" "$target/dist/tlsfleet.jar" "$target/dist/lib" "$target/dist/jdk25.sh" "$target/dist/jvm.flags" "$target/dist/scan.directives" "$target/dist/record.sh" "$stage/$name/"
cp "$home/LICENSE" "$home/NOTICE" "$home/docs/third-party-licences.md" "$home/docs/operator.md" "$stage/$name/"
cp -R "$home/deploy/systemd" "$stage/$name/systemd"
[ ! -f "$target/bom.json" ] || cp "$target/bom.json" "$stage/$name/sbom.cdx.json"
chmod -R go-w "$stage"
tar --sort=name --mtime='2026-01-01 00:00:00Z' --owner=0 --group=0 --numeric-owner -C "$stage" -cf - "$name" | gzip -n9 >"$out.new"
mv "$out.new" "$out"
echo "$out"
