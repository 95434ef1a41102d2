# find_jdk N: prints the home of a JDK whose feature release is at least N, or fails with what was looked at.
# Order: LATTICEGATE_JAVA_HOME, JAVA_HOME, /usr/lib/jvm/*, the java on the PATH.

jdk_feature_release() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 1
  version=
  if [ -r "$1/release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release")
  fi
  if [ -z "$version" ]; then
    version=$("$1/bin/java" -version 2>&1 | sed -n '1s/.*"\([0-9]*\).*/\1/p')
  fi
  [ -n "$version" ] && echo "$version"
}

find_jdk() {
  wanted=$1
  on_path=
  if command -v java >/dev/null 2>&1; then
    on_path=$(readlink -f "$(command -v java)")
    on_path=${on_path%/bin/java}
  fi
  looked_at=
  for home in "${LATTICEGATE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/* "$on_path"; do
    if [ -z "$home" ] || [ ! -d "$home" ]; then
      continue
    fi
    release=$(jdk_feature_release "$home") || continue
    looked_at="$looked_at
  $home (release $release)"
    if [ "$release" -ge "$wanted" ]; then
      echo "$home"
      return 0
    fi
  done
  echo "A JDK >= $wanted is needed and none was found. Install one and set JAVA_HOME. Looked at:${looked_at:-
  (no JDK)}" >&2
  return 1
}
