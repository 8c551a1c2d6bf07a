#!/usr/bin/env bash
# Make this machine fit to build, try and test tuan: the one place that installs anything.
#
#   deploy/setup.sh            cargo is there (checked), a C compiler, PostgreSQL's server programs; as root also
#                              the user as which root's PostgreSQL runs
#   deploy/setup.sh user       that user alone
#   deploy/setup.sh browser    chromium, node and the packages of the browser tests
#   deploy/setup.sh peers      Python and node, for the chat platforms' counterparts (their tests install those)
#
# May be run again at any time, and says nothing when there is nothing to do. Uses the system's
# own packages: apt, dnf or brew. The server that the package brings is not used and need not
# run; tuan starts its own. The places looked at are those of src/store/embedded/install.rs.
set -euo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.."

readonly oldest_major=15
readonly browser_tests=tests/browser
# As in src/store/embedded/user.rs.
readonly server_user=tuan-db

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        fail "this needs root's rights, and there is no sudo; please run as root: deploy/setup.sh"
    fi
}

package_manager() {
    for manager in apt-get dnf brew; do
        if have "$manager"; then
            echo "$manager"
            return
        fi
    done
    fail "neither apt-get, dnf nor brew is here: please install $1 yourself"
}

apt_update_once() {
    if [ -z "${apt_updated:-}" ]; then
        as_root apt-get update -qq || say "the package lists could not be renewed; trying with the old ones"
        apt_updated=yes
    fi
}

apt_install() {
    apt_update_once
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-upgrade --no-install-recommends "$@" >&2
}

cargo_is_here() {
    # rustup's folder is often not yet in the PATH of the shell that ran it.
    if ! have cargo && [ ! -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        fail "cargo is missing. Install Rust as https://rustup.rs says:
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh
then open a new shell and try again."
    fi
}

compiler_is_here() {
    if have cc; then return; fi
    local manager
    manager=$(package_manager "a C compiler")
    say "installing a C compiler (to link, and for the cryptography)"
    case $manager in
        apt-get) apt_install gcc libc6-dev ;;
        dnf) as_root dnf install -y -q gcc >&2 ;;
        brew) fail "run xcode-select --install, then try again" ;;
    esac
}

# The major versions of all server programs found, one a line.
postgres_majors() {
    local folders=() folder
    IFS=: read -ra folders <<<"$PATH"
    folders+=(/usr/lib/postgresql/*/bin /usr/lib/postgresql*/bin /usr/libexec/postgresql*
        /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin
        /home/linuxbrew/.linuxbrew/opt/postgresql*/bin
        /Applications/Postgres.app/Contents/Versions/*/bin /usr/local/pgsql/bin)
    for folder in "${folders[@]}"; do
        if [ -x "$folder/postgres" ] && { [ -x "$folder/initdb" ] || [ -L "$folder/postgres" ]; }; then
            "$folder/postgres" --version 2>/dev/null | sed -nE 's/^postgres \(PostgreSQL\) ([0-9]+).*/\1/p'
        fi
    done
}

postgres_is_here() {
    local major
    for major in $(postgres_majors); do
        if [ "$major" -ge "$oldest_major" ]; then return 0; fi
    done
    return 1
}

# The newest server package that apt offers, as a version; empty if there is none.
apt_postgres() {
    apt-cache search --names-only '^postgresql-[0-9]+$' | sed -nE 's/^postgresql-([0-9]+) .*/\1/p' | sort -n | tail -n 1
}

install_postgres() {
    local manager version
    manager=$(package_manager "PostgreSQL $oldest_major or later (the server)")
    say "installing PostgreSQL with $manager"
    case $manager in
        apt-get)
            apt_update_once
            version=$(apt_postgres)
            if [ "${version:-0}" -lt "$oldest_major" ]; then
                fail "this system offers PostgreSQL ${version:-at no version}; $oldest_major or later is needed.
Add the project's own packages, then try again:
  apt-get install postgresql-common && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y"
            fi
            apt_install "postgresql-$version"
            ;;
        dnf) as_root dnf install -y -q postgresql-server postgresql-contrib >&2 ;;
        brew) brew install --quiet postgresql@17 >&2 ;;
    esac
    postgres_is_here || fail "the package was installed, but no PostgreSQL $oldest_major or later is found"
}

# PostgreSQL does not run as root. As a user that others use, too, it would be at their mercy.
server_user_is_here() {
    if [ "$(id -u)" -ne 0 ] || id -u "$server_user" >/dev/null 2>&1; then return; fi
    say "making the user $server_user, as which root's PostgreSQL runs"
    local shell
    shell=$(command -v nologin || echo /usr/sbin/nologin)
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell "$shell" "$server_user" >&2 ||
        # Somebody else may have made it a moment ago.
        id -u "$server_user" >/dev/null 2>&1 ||
        fail "the user $server_user could not be made; please make it, or work as an ordinary user"
}

browser_is_here() {
    local manager wanted=()
    if ! have chromium && ! have chromium-browser && ! have google-chrome; then wanted+=(chromium); fi
    if ! have node; then wanted+=(nodejs); fi
    if ! have npm; then wanted+=(npm); fi
    if [ "${#wanted[@]}" -gt 0 ]; then
        manager=$(package_manager "${wanted[*]}")
        say "installing ${wanted[*]} with $manager"
        case $manager in
            apt-get) apt_install "${wanted[@]}" ;;
            dnf) as_root dnf install -y -q "${wanted[@]}" >&2 ;;
            brew) fail "please install Chrome and node (brew install --cask chromium; brew install node)" ;;
        esac
    fi
    # npm writes this file when it is done, so an older one means that something was added since.
    local done_mark=$browser_tests/node_modules/.package-lock.json
    if [ -e $browser_tests/package-lock.json ] && [ ! $done_mark -nt $browser_tests/package-lock.json ]; then
        say "installing the packages of the browser tests"
        (cd $browser_tests && npm ci --no-audit --no-fund --silent)
    fi
}

peers_are_possible() {
    local manager wanted=()
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then wanted+=(python3); fi
    if ! have node; then wanted+=(nodejs); fi
    if ! have npm; then wanted+=(npm); fi
    if [ "${#wanted[@]}" -eq 0 ]; then return; fi
    manager=$(package_manager "${wanted[*]}")
    say "installing ${wanted[*]} with $manager"
    case $manager in
        # Debian keeps what makes an environment of one's own in a package beside Python.
        apt-get) apt_install "${wanted[@]}" python3-venv ;;
        dnf) as_root dnf install -y -q "${wanted[@]}" >&2 ;;
        brew) brew install --quiet python node >&2 ;;
    esac
}

case "${1:-}" in
    "")
        cargo_is_here
        compiler_is_here
        postgres_is_here || install_postgres
        server_user_is_here
        ;;
    user) server_user_is_here ;;
    browser) browser_is_here ;;
    peers) peers_are_possible ;;
    *) fail "unknown: $1 (nothing, or: user, browser, peers)" ;;
esac
