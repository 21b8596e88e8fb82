#!/bin/sh
# build.sh TARGET: the distribution in TARGET/dist, a jar, its libraries, a launcher and a recorded start-up cache.
# JAVA_HOME is set by the caller. Quiet but for one line; what Maven says goes to TARGET/build.log.
set -eu
target=$1
home=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
log=$target/build.log

command -v mvn >/dev/null 2>&1 || {
  echo "tlsfleet: needs Maven 3.8.7 or newer to build itself and found no mvn on the PATH: apt-get install maven" >&2
  exit 2
}
if [ -d "$home/web-ui" ] && ! command -v npm >/dev/null 2>&1; then
  echo "tlsfleet: needs Node 20 with npm to build its pages and found no npm on the PATH: apt-get install nodejs npm" >&2
  exit 2
fi

commit=$(git -C "$home" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
if [ "$commit" != unknown ] && [ -n "$(git -C "$home" status --porcelain --untracked-files=no 2>/dev/null)" ]; then commit=$commit-modified; fi

began=$(date +%s)
printf 'tlsfleet: building (a minute or two the first time) ...' >&2
mkdir -p "$target"
stamp=$target/.built.$$
touch "$stamp" # the time before the sources were read, so that an edit during the build is seen next time
failed() {
  printf ' failed\n' >&2
  if grep -qE '^\[ERROR\]' "$log"; then grep -E '^\[ERROR\]' "$log" | head -n 8 >&2; else tail -n 5 "$log" >&2; fi
  echo "tlsfleet: the build failed; all that was said is in $log" >&2
  rm -rf "$stamp" "$target/dist.$$"
  exit 2
}
(cd "$home" && mvn -B -q -T 2 --no-transfer-progress -Dquick -DskipTests -Dbuild.commit="$commit" -pl deploy/launcher,ja4plus -am package) >"$log" 2>&1 || failed
"$JAVA_HOME/bin/java" "$home/deploy/dist/Assemble.java" "$target/tlsfleet.jar" "$target/lib" "$target/dist.$$" >>"$log" 2>&1 || failed
cp "$home/deploy/dist/tlsfleet" "$home/deploy/dist/jvm.flags" "$home/deploy/dist/scan.directives" "$home/deploy/dist/record.sh" "$home/deploy/jdk25.sh" "$home/LICENSE" "$home/NOTICE" "$home/docs/third-party-licences.md" "$target/dist.$$/"
# its licence keeps it out of every archive (archive.sh); here it was built by whoever runs it
mkdir "$target/dist.$$/plugins"
find "$home/ja4plus/target" -maxdepth 1 -name 'ja4plus-*.jar' ! -name '*-tests.jar' -exec cp {} "$target/dist.$$/plugins/ja4plus.jar" \;
sh "$home/deploy/dist/record.sh" "$target/dist.$$" >>"$log" 2>&1 || failed
mv "$stamp" "$target/dist.$$/built"

# A running tlsfleet goes on with the directory it was started from; only the one before that is removed.
previous=$(readlink "$target/dist" 2>/dev/null || true)
rm -rf "$target/dist.new"
ln -s "dist.$$" "$target/dist.new"
mv -T "$target/dist.new" "$target/dist"
for old in "$target"/dist.[0-9]*; do
  case ${old##*/} in "dist.$$" | "$previous") ;; *) rm -rf "$old" ;; esac
done
printf ' done in %s s\n' $(($(date +%s) - began)) >&2
