# shellcheck shell=bash
# Makes a fresh Debian or Ubuntu ready for ./demo and ./check, which source this file; run it yourself and nothing happens.
#
# Rules: whatever is already there is used as it is, and then nothing asks for root or for the network. apt is called
# only for what is missing, pip only when pyproject.toml changed, the folder moved, or the last time did not finish.
# When something cannot be had, one message says what to install. Messages are Chinese and English; the rest is quiet.

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s · %s\n' "$1" "$2" >&2; } # Chinese, English

stop() {
    say "$1" "$2"
    exit 1
}

# What a tool needs of the system: how to see that it is there, and the Debian or Ubuntu package that brings it, under
# each of its names (libarchive was renamed when Debian 13 and Ubuntu 24.04 widened time_t).
# shellcheck disable=SC2034  # demo and check use it
demo_needs=(
    "command ffmpeg      : ffmpeg"
    "font NotoSansCJK    : fonts-noto-cjk"
    "library libarchive  : libarchive13t64 libarchive13"
    "command 7z          : p7zip-full 7zip"
    "command dvdisaster  : dvdisaster"
)
# shellcheck disable=SC2034
check_needs=(
    "command strace      : strace"
    "command rsync       : rsync"
    "command openssl     : openssl"
    "command fusermount3 : fuse3"
    "command chromium    : chromium chromium-browser"
    "command go          : golang-go"
    "path /usr/share/gocode/src/golang.org/x/mod : golang-golang-x-mod-dev"
    "command pdftoppm    : poppler-utils"
    "command zbarimg     : zbar-tools"
    "command xorriso     : xorriso"
    "command smbd        : samba"
    "command sshd        : openssh-server"
    "command lp          : cups-client"
    "command cupsd       : cups-daemon"
    "command mkfs.ext4   : e2fsprogs"
    "command losetup     : util-linux"
    "command promtool    : prometheus"
    "path /usr/lib/postgresql : postgresql"
    "command setpriv     : util-linux"
    "command prometheus-alertmanager : prometheus-alertmanager"
    "command systemd-analyze : systemd"
)

is_there() { # KIND NAME; an ordinary user's PATH lacks /sbin, where mkfs.ext4 and losetup are
    case $1 in
    command) PATH="$PATH:/usr/sbin:/sbin" command -v "$2" >/dev/null ;;
    font) [ -n "$(find /usr/share/fonts /usr/local/share/fonts ~/.local/share/fonts -name "$2*" -print -quit 2>/dev/null)" ] ;;
    library) "$python" -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library(sys.argv[1]))' "${2#lib}" ;;
    module) "$python" -c "import $2" 2>/dev/null ;;
    path) [ -e "$2" ] ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo -- "$@"
    else
        sudo -n -- "$@" # nobody is there to type a password
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -q -y -o DPkg::Lock::Timeout=120 "$@" >>"$apt_log" 2>&1
}

# Of alternative names the first that apt knows, else the last: the older name, which newer releases provide as well.
packages_for() { # "PACKAGE..." ...
    local alternatives package chosen all=()
    for alternatives in "$@"; do
        for package in $alternatives; do
            chosen=$package
            [[ $(LC_ALL=C apt-cache policy "$package" 2>/dev/null) != *"Candidate: "[!\(]* ]] || break
        done
        all+=("$chosen")
    done
    printf '%s' "${all[*]}"
}

# Install the system packages for those needs ("KIND NAME : PACKAGE...") that are not met.
need() {
    local line kind name missing=() packages apt_log
    for line in "$@"; do
        read -r kind name <<<"${line%%:*}"
        is_there "$kind" "$name" || missing+=("${line#*:}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    packages=$(packages_for "${missing[@]}")
    if ! command -v apt-get >/dev/null; then
        stop "缺少（Debian 软件包名）：$packages，请先安装" "Missing (Debian package names): please install these"
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        stop "缺少软件包，请以 root 运行" "Packages are missing; as root, run: apt-get install $packages"
    fi
    say "正在安装系统软件包" "Installing system packages: $packages"
    apt_log=$(mktemp)
    apt_get update || true # an unreachable source does no harm if another one, or the cache, has the packages
    packages=$(packages_for "${missing[@]}")
    refuse_services
    # shellcheck disable=SC2086  # a list of words
    if ! apt_get install --no-install-recommends $packages; then
        tail -n 5 "$apt_log" >&2
        stop "安装失败（日志 $apt_log），请以 root 运行" "That failed (log: $apt_log); as root, run: apt-get install $packages"
    fi
    rm -f "$apt_log"
}

# Tests start servers of their own, on loopback; those that the packages bring shall not begin to serve this machine's
# network. Debian asks this file before it starts any (invoke-rc.d(8)); one that is there already is not touched.
refuse_services() {
    local policy=/usr/sbin/policy-rc.d
    [ ! -e $policy ] || return 0
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
    # shellcheck disable=SC2064  # the path as it is now
    trap "as_root rm -f $policy" EXIT
}

# The distribution's own comes first: it is built with optimizations (one built by hand without them takes half as long
# again), and its security updates come by themselves.
choose_python() { # sets $python to the first one that is new enough; asking it also passes over broken ones
    need "command python3 : python3" # a minimal Debian has none
    for python in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    stop "需要 Python 3.11 或更高版本（Debian 12、Ubuntu 24.04 起自带）：apt-get install python3" \
        "Python 3.11 or newer is needed (Debian 12 and Ubuntu 24.04 have it): apt-get install python3"
}

# Make .venv and put this project into it with the extra dependencies named ("" or "[dev]").
install_project() { # EXTRA
    local extra=$1 venv=$root/.venv state version
    # A virtual environment knows its folder by absolute path: after a move it is made anew.
    if [ -e "$venv" ] && { [ "$(cat "$venv/folder" 2>/dev/null || printf '%s' "$root")" != "$root" ] ||
        ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
        say "正在重建 .venv" "Making .venv anew"
        rm -rf -- "$venv"
    fi
    if [ ! -e "$venv" ]; then
        version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
        need "module ensurepip : $version-venv python3-venv"
        "$python" -m venv "$venv" || stop "无法创建 $venv" "Cannot make $venv"
    fi
    printf '%s' "$root" >"$venv/folder"
    state=$(sha256sum <"$root/pyproject.toml")
    [ "$(cat "$venv/installed$extra" 2>/dev/null)" != "$state" ] || return 0
    say "正在安装 Python 依赖（仅首次或依赖变更时）……" "Installing Python dependencies (only now and when they change) ..."
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$root$extra" ||
        stop "Python 依赖安装失败，见上。请检查网络后重试。" "That failed, see above. Check the network, then try again."
    printf '%s\n' "$state" | tee "$venv/installed$extra" >"$venv/installed" # whatever the extra, the rest is there too
}
