#!/bin/sh
# record.sh DIST: records DIST/tlsfleet.aot, with which a start takes a third of the time. To be run once where the
# distribution was unpacked, with the JDK that will run it: the cache fits one JDK build, these jars and these flags.
set -eu
dist=$(CDPATH='' cd -- "$1" && pwd -P)
. "$dist/jdk25.sh"
find_jdk25 java || exit 2
rm -f "$dist/tlsfleet.aot"
"$JAVA_HOME/bin/java" -XX:AOTCacheOutput="$dist/tlsfleet.aot" @"$dist/jvm.flags" -cp "$dist/tlsfleet.jar" io.tlsfleet.launcher.Training
[ -s "$dist/tlsfleet.aot" ]
