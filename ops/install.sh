#!/usr/bin/env bash
# Installs Strongroom on a fresh Debian 12, Ubuntu 24.04 or newer, or upgrades it: what it needs of the system, an
# environment of its own in /opt/strongroom, `strongroom` in the path, and the login `archive` with /srv/archive.
# 在 Debian 12、Ubuntu 24.04 及更新系统上安装或升级 Strongroom。
#
#     ops/install.sh [WHEEL]      from this folder, or from a wheel that was built of it; as root or through sudo
#
# Run again it upgrades: a service that runs is stopped meanwhile, and started again. No vault is touched: the first command
# of the new version copies each catalogue before it moves it (docs/install.md). STRONGROOM_PREFIX, _BIN, _SHARE and _UNITS choose other places; STRONGROOM_USER another login,
# none where it is empty.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=ops/bootstrap.sh
. "$here/bootstrap.sh"

prefix=${STRONGROOM_PREFIX:-/opt/strongroom}
bin=${STRONGROOM_BIN:-/usr/local/bin}
share=${STRONGROOM_SHARE:-/usr/local/share/strongroom}
units=${STRONGROOM_UNITS:-/etc/systemd/system}
user=${STRONGROOM_USER-archive}
source=${1:-$root}

install_needs=( # the last four for discs
    "font NotoSansCJK    : fonts-noto-cjk"
    "library libarchive  : libarchive13t64 libarchive13"
    "command 7z          : p7zip-full 7zip"
    "command dvdisaster  : dvdisaster"
    "command xorriso     : xorriso"
    "command setpriv     : util-linux"
)

[ -e "$source" ] || stop "找不到 $source" "There is no $source"
choose_python
version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
need "${install_needs[@]}" "module ensurepip    : $version-venv python3-venv"

# A program that is at work loads parts of itself when it needs them: they have to be those that it began with. And while
# an older one has a vault open, the new one waits with its catalogue.
served=
if [ -d /run/systemd/system ] && [ -e "$units/strongroom.service" ] && systemctl --quiet is-active strongroom.service; then
    say "升级期间停止服务" "Stopping the service for the upgrade"
    as_root systemctl stop strongroom.service
    served=yes
fi
serve_again() {
    [ -z "$served" ] || { as_root systemctl daemon-reload && as_root systemctl start strongroom.service; }
}

say "正在安装到 $prefix" "Installing into $prefix"
[ -x "$prefix/bin/python" ] || as_root "$python" -m venv "$prefix" || stop "无法创建 $prefix" "Cannot make $prefix"
if ! as_root "$prefix/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade --upgrade-strategy eager "$source"; then
    serve_again
    stop "安装失败，见上；原版本仍可使用" "That failed, see above; what was installed before is still there"
fi
installed=$("$prefix/bin/strongroom" --version) || stop "安装后的程序无法运行" "What was installed does not run"
as_root install -d "$bin"
as_root ln -sfn "$prefix/bin/strongroom" "$bin/strongroom"

# Where people and other programs look for what is not Python: alert rules, the dashboard, the programs that check a
# store without Strongroom.
packages=$("$prefix/bin/python" -c 'import ops, pathlib; print(pathlib.Path(ops.__file__).parent)')
as_root install -d "$share"
as_root cp -r "$packages/alerts" "$packages/dashboards" "$share/"
[ ! -e "$root/docs/verify_store.py" ] || as_root cp "$root/docs/verify_store.py" "$root/docs/verify_proof.py" "$share/"
for unit in "$packages"/systemd/*; do
    [ -e "$unit" ] && [ -d "$units" ] || continue
    as_root install -m 644 "$unit" "$units/"
done

if [ -n "$user" ]; then
    getent passwd "$user" >/dev/null ||
        as_root useradd --system --user-group --home-dir /srv/archive --no-create-home --shell /usr/sbin/nologin "$user"
    [ -e /srv/archive ] || as_root install -d -o "$user" -g "$user" -m 700 /srv/archive
fi
serve_again || stop "服务未能启动：systemctl status strongroom" "The service did not start: systemctl status strongroom"
say "已安装：$installed。下一步见 docs/install.md" "Installed: $installed. What comes next: docs/install.md"
