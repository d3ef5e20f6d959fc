# shellcheck shell=bash
# Shared by the scripts here: speaking, finding Swift, owning an instance of the services. Source it; it changes to the
# top of the checkout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
mkdir -p .run

if [ -t 2 ]; then BOLD=$'\033[1m' PLAIN=$'\033[0m'; else BOLD='' PLAIN=''; fi
say() { echo "$BOLD==> $*$PLAIN" >&2; }
die() { echo "error: $*" >&2; exit 1; }

# Swift may be installed without being on the PATH of a non-interactive shell.
find_swift() {
  local folder
  for folder in "${SWIFT_TOOLCHAIN:-}" /opt/swift/usr/bin /usr/share/swift/usr/bin "$HOME/.local/share/swiftly/bin"; do
    command -v swift >/dev/null && return
    [ -z "$folder" ] || [ ! -x "$folder/swift" ] || PATH=$PATH:$folder
  done
  command -v swift >/dev/null || die "there is no swift on the PATH: install the Swift 6.3 toolchain from https://www.swift.org/install/linux"
}

# own_instance NAME [SERVER...]: this process alone has the instance until it ends, however it ends. Fresh data, environment exported.
# Call `on_exit COMMAND` for what else must end; commands run last in, first out, before the services stop.
EXITING=()
own_instance() {
  INSTANCE=$1; shift
  mkdir -p ".run/$INSTANCE"
  exec 9>".run/$INSTANCE/owner"
  flock -n 9 || die "another command of this checkout is using the services '$INSTANCE'; wait until it has ended"
  trap finish EXIT
  # Ctrl-C reaches every process of the terminal; without this the shell would go before its children.
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  scripts/services "$INSTANCE" wipe 9>&-
  scripts/services "$INSTANCE" up "$@" 9>&- >/dev/null
  . ".run/$INSTANCE/ENV"
}
on_exit() { EXITING=("$*" "${EXITING[@]}"); }
finish() {
  local status=$? command
  trap '' INT TERM HUP                                        # a second Ctrl-C must not leave servers behind
  trap - EXIT
  for command in "${EXITING[@]}"; do eval "$command" || true; done
  scripts/services "$INSTANCE" down 9>&- || true
  exit "$status"
}

# end_process PID SECONDS: TERM, then KILL when that did not help. Returns the status of a child of this shell.
end_process() {
  local pid=$1 n
  kill -TERM "$pid" 2>/dev/null || true
  for ((n = 0; n < $2 * 10; n++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  if kill -0 "$pid" 2>/dev/null; then
    echo "process $pid did not stop within $2 s, killing it" >&2
    kill -KILL "$pid" 2>/dev/null || true
  fi
  wait "$pid" 2>/dev/null
}

# build CONFIGURATION PRODUCT...: release products, with a word about the time
build() {
  local configuration=$1 product; shift
  find_swift
  if [ -d ".build/$configuration" ]; then say "building $* ($configuration)"
  else say "building $* ($configuration); the first build fetches packages and takes several minutes"; fi
  for product in "$@"; do swift build -c "$configuration" --product "$product" 9>&-; done
}
