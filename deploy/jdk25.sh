# Sourced by tlsfleet and dev: finds a JDK 25 or newer and exports JAVA_HOME, or says in one line what is missing.
# Needs no more than a POSIX shell. A JDK states its version in the file "release" beside bin/.

jdk_version() { # directory -> 25, or nothing
  [ -r "$1/release" ] || return 0
  while IFS= read -r line; do
    case $line in
      JAVA_VERSION=*)
        line=${line#JAVA_VERSION=}
        line=${line#\"}
        printf '%s' "${line%%[!0-9]*}"
        return 0
        ;;
    esac
  done <"$1/release"
}

find_jdk25() { # tool that must be there: java to run, javac to build
  tool=$1
  set -- "${JAVA_HOME-}" "${JDK25_HOME-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* /opt/*jdk* \
    "${HOME-/root}"/.sdkman/candidates/java/* "${HOME-/root}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home
  for candidate in "$@"; do
    [ -n "$candidate" ] && [ -x "$candidate/bin/$tool" ] || continue
    version=$(jdk_version "$candidate")
    if [ "${version:-0}" -ge 25 ]; then
      JAVA_HOME=$candidate
      export JAVA_HOME
      return 0
    fi
  done
  echo "tlsfleet: needs a JDK 25 or newer ($tool) and found none in JAVA_HOME (${JAVA_HOME:-not set}), JDK25_HOME, /usr/lib/jvm, /opt, ~/.sdkman or ~/.jdks: install Temurin 25 (adoptium.net) or set JAVA_HOME" >&2
  return 1
}
