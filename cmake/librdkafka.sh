#!/usr/bin/env bash
# cmake/librdkafka.sh - builds librdkafka from Debian's newer source package, for this user only.
#
#   cmake/librdkafka.sh [--variant tsan] [--find | --version-min]
#
# Two numbers of partitions are made to agree in it, without which a fetch's answer that names no
# leader for one of them ends the process (librdkafka's issue 5280).
# Prints the prefix of a librdkafka that is new enough, building it when it is not in the cache;
# progress goes to stderr. Prints "system" when the system's will do. --find only looks.
# --version-min prints what is new enough. Exit 1: there is none (with the reason on stderr).
# Nothing is installed on the system and the user's apt configuration is not touched: the package
# lists, the state and the sources list are private, signatures are checked by apt as always.
# The variant tsan can run under ThreadSanitizer (no C11 threads, which TSan does not see).
set -euo pipefail

readonly kVersionMin=2.13.2
readonly kVersionWanted=2.14.2
readonly kRevision=+1  # of what is changed in it; a build of another one is not found
readonly kSuites=(forky sid)
readonly kCache="${LONGSPAN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/longspan}"

variant=""
find_only=""
while [ $# -gt 0 ]; do
  case "$1" in
    --variant) variant="-$2"; shift 2 ;;
    --find) find_only=1; shift ;;
    --version-min) echo "$kVersionMin"; exit 0 ;;
    *) echo "librdkafka.sh: unknown argument $1" >&2; exit 2 ;;
  esac
done

say() { echo "librdkafka: $*" >&2; }

at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# The newest finished build of this variant in the cache; nothing when there is none.
find_built() {
  local dir version
  for dir in $(ls -d "$kCache"/librdkafka-[0-9]* 2>/dev/null | sort -rV); do
    version="${dir##*/librdkafka-}"
    [ "${version/"$kRevision"/}" != "$version" ] || continue
    [ "${version#"${version%%-*}"}" = "$variant" ] || continue
    at_least "${version%%+*}" "$kVersionMin" && [ -f "$dir/lib/pkgconfig/rdkafka.pc" ] || continue
    echo "$dir"
    return 0
  done
  return 1
}

# The archive that this system's own sources name, so that mirrors and proxies keep working.
debian_archive() {
  apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 2>/dev/null |
    sort -u | head -n 1
}

# Private apt: its own lists, state and cache below $1; dpkg's status is only read. An index past
# its date (a slow mirror, a snapshot) will do: it is signed, and we want a known version.
write_apt_conf() {
  local root="$1" archive="$2" suite
  mkdir -p "$root"/{state/lists/partial,cache/archives/partial,parts}
  for suite in "${kSuites[@]}"; do
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main"
  done >"$root/sources.list"
  cat >"$root/apt.conf" <<CONF
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "$root/sources.list";
Dir::Etc::sourceparts "$root/parts";
Dir::State "$root/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$root/cache";
APT::Sandbox::User "$(id -un)";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
}

private_apt() { # ROOT apt-get|apt-cache ARGS...
  local root="$1" program="$2"
  shift 2
  "$program" -c "$root/apt.conf" "$@"
}

# The package version to take: the wanted one, else the newest that is new enough.
choose_version() {
  local offered best=""
  for offered in $(private_apt "$1" apt-cache showsrc librdkafka |
                     sed -n 's/^Version: //p' | sort -rV); do
    case "$offered" in "$kVersionWanted"-*) echo "$offered"; return 0 ;; esac
    [ -z "$best" ] && at_least "$offered" "$kVersionMin" && best="$offered"
  done
  [ -n "$best" ] && echo "$best"
}

# A topic's partitions whose leader is not told are left out, but were counted. A version that does
# so itself stays as it is.
change() { # SOURCE_DIR
  local file="$1/src/rdkafka_fetcher.c" count="topics[changed_topic].partition_cnt"
  ! grep -qF "$count" "$file" || return 0
  [ "$(grep -c '^ *changed_topic++;' "$file")" = 1 ] || return 1
  sed -i "s/^ *changed_topic++;/md->$count = changed_partition;\n&/" "$file"
}

compile() { # SOURCE_DIR PREFIX STAGING
  local flags=(--prefix="$2" --enable-ssl --enable-zlib --enable-zstd --enable-lz4-ext
               --enable-gssapi --enable-curl)
  if [ "$variant" = "-tsan" ]; then
    flags+=(--disable-c11threads --CFLAGS="-fsanitize=thread" --LDFLAGS="-fsanitize=thread")
  fi
  cd "$1"
  ./configure "${flags[@]}"
  make -C src -j"$(nproc)"
  make -C src install DESTDIR="$3"
}

build() {
  local archive package version prefix
  archive="$(debian_archive)"
  [ -n "$archive" ] || { say "apt knows no Debian archive; run apt-get update"; return 1; }
  work="$(mktemp -d "$kCache/build.XXXXXX")"  # not local: the trap outlives this function
  trap 'rm -rf "$work"' EXIT
  write_apt_conf "$work/apt" "${archive%/}"
  say "looking for the source package ($archive ${kSuites[*]})"
  private_apt "$work/apt" apt-get -qq update >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; }
  package="$(choose_version "$work/apt")" ||
    { say "the archive offers no version >= $kVersionMin"; return 1; }
  version="${package%%-*}"
  prefix="$kCache/librdkafka-$version$kRevision$variant"
  say "building $version$variant into $prefix (about a minute, once)"
  mkdir "$work/source" "$work/tree"
  (cd "$work/source" && private_apt "$work/apt" apt-get -qq source --download-only \
    "librdkafka=$package") >>"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; return 1; }
  tar -xf "$work"/source/librdkafka_*.orig.tar.* -C "$work/tree" --strip-components=1
  change "$work/tree" >>"$work/log" 2>&1 || { say "$version is not changed: see issue 5280"; }
  (compile "$work/tree" "$prefix" "$work/staging") >>"$work/log" 2>&1 ||
    { tail -n 30 "$work/log" >&2; say "the build failed"; return 1; }
  rm -rf "$prefix"
  mv "$work/staging$prefix" "$prefix"
}

if [ -z "$variant" ] && pkg-config --atleast-version="$kVersionMin" rdkafka 2>/dev/null; then
  echo system
  exit 0
fi
find_built && exit 0
[ -z "$find_only" ] || exit 1
mkdir -p "$kCache"
exec 9>"$kCache/lock"
flock 9
find_built && exit 0  # another ./dev built it meanwhile
build 9>&- || exit 1
find_built
