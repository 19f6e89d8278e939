#!/bin/sh
# Makes or refreshes a virtual environment from sections of requirements.lock, and says what is missing when it cannot.
#   environment.sh FOLDER SECTION...
# PYTHON=/path/to/python chooses the interpreter; otherwise 3.13 (what Lambda runs) is preferred, 3.11 the oldest that will do.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$1
shift

fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

fits='import sys; sys.exit(sys.version_info < (3, 11))'
if [ -n "${PYTHON:-}" ]; then
  "$PYTHON" -c "$fits" 2>/dev/null || fail "PYTHON=$PYTHON is not a Python 3.11 or newer."
  python=$PYTHON
else
  python=
  for candidate in python3.13 python3.12 python3.11 python3 /usr/bin/python3; do
    if "$candidate" -c "$fits" 2>/dev/null; then python=$candidate; break; fi
  done
fi
[ -n "$python" ] || fail "Python 3.11 or newer is needed (3.13 is best: it is what Lambda runs), and none was found.
Debian, Ubuntu: apt-get install python3 python3-venv     with pyenv: pyenv install 3.13     or: make PYTHON=/path/to/python3 ..."

if ! "$folder/bin/python" -c "$fits" 2>/dev/null; then
  rm -rf "$folder"
  "$python" -m venv "$folder" 2>/dev/null || fail "$python has no working venv module with pip.
Debian, Ubuntu: apt-get install python3-venv"
fi

version=$("$folder/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$version" = 3.13 ] || echo "      (Python $version here: the local cloud runs the functions on it; in AWS they run on 3.13)"

"$folder/bin/python" "$root/layers/vendor/lock.py" "$@" > "$folder/requirements.txt"
# The lock is complete, so nothing is left to resolve: quicker, and older pips stumble over extras in a hashed list.
"$folder/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes --requirement "$folder/requirements.txt" ||
  fail "pip could not install the packages that requirements.lock names; see its words above.
Without a network, point pip at a mirror or a folder of wheels (PIP_INDEX_URL, PIP_FIND_LINKS) and run the same command again."
touch "$folder/ready"
