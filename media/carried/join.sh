#!/bin/sh
# 合并被分到几张光盘上的大文件：sh join.sh 目标文件夹 光盘1 光盘2 ……（光盘的挂载点，或各盘内容的副本）
# Joins the files that were cut over several discs: sh join.sh TARGET DISC1 DISC2 ... (where the discs are mounted, or
# folders with copies of them). What to join stands in join.txt. Each piece, and the whole, is checked by SHA-256.
# 退出码 Exit code: 0 已合并 joined, 1 缺分段或有损坏 a piece is missing or damaged, 2 用法错误 usage
LC_ALL=C
export LC_ALL
list=$(cd "$(dirname "$0")" && pwd)/join.txt
if [ $# -lt 2 ]; then
    echo '用法 · Usage: sh join.sh 目标文件夹/TARGET 光盘/DISC...' >&2
    exit 2
fi
target=$1
if ! mkdir -p -- "$target" 2>/dev/null; then
    echo "无法建立目标文件夹 · Cannot make the folder: $target" >&2
    exit 2
fi
shift

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -c 1-64
}

fault() {
    echo "$1"
    failed=1
}

failed=0
partial=
trap 'rm -f "$partial"' EXIT
if [ ! -r "$list" ]; then
    echo "无法读取清单，未合并任何文件 · Cannot read the list, nothing was joined: $list" >&2
    exit 1
fi
wanted=$(sed -n 's/^\([0-9a-f]\{64\}\)  join\.txt$/\1/p' "${list%/*}/tagmanifest-sha256.txt" 2>/dev/null)
if [ -n "$wanted" ] && [ "$(sha256 <"$list")" != "$wanted" ]; then
    fault "清单已损坏 · The list is damaged: $list"
fi

# Fields are set apart by tabs: whole's SHA-256, number of the piece, of how many, volume, piece's SHA-256, piece, whole.
tab=$(printf '\t')
next=1
files=0
while IFS=$tab read -r whole number count volume digest piece path || [ -n "$whole" ]; do
    case $whole in '#'* | '') continue ;; esac
    case "$whole$digest" in *[!0-9a-f]*) number= ;; esac
    if [ "${#whole}" -ne 64 ] || [ "${#digest}" -ne 64 ] || [ -z "$path" ] || [ "$number" != "$next" ]; then
        fault "清单已损坏，缺行或行不完整 · The list is damaged, a line lacks or is cut: $list"
        next=1
        rm -f "$partial"
        continue
    fi
    if [ "$number" -eq 1 ]; then
        partial=$target/$path.partial
        missing=0
        files=$((files + 1))
        if [ -e "$target/$path" ] && [ "$(sha256 <"$target/$path")" != "$whole" ]; then
            fault "已有同名而内容不同的文件，不予覆盖 · A file of that name and other content is there, and stays: $target/$path"
            missing=1
        fi
        mkdir -p "$(dirname "$target/$path")" && : >"$partial" || exit 1
    fi
    found=
    damaged=
    for disc in "$@"; do
        if [ ! -f "$disc/$piece" ]; then continue; fi
        if [ "$(sha256 <"$disc/$piece")" = "$digest" ]; then
            found=$disc/$piece
            break
        fi
        damaged=$disc/$piece
    done
    if [ -n "$found" ]; then
        if [ "$missing" -eq 0 ]; then cat "$found" >>"$partial" || exit 1; fi
    elif [ -n "$damaged" ]; then
        echo "分段已损坏 · A piece is damaged: $damaged"
        missing=1
    else
        echo "缺少分段 · A piece is missing: $piece （光盘 disc $volume）"
        missing=1
    fi
    next=$((number + 1))
    if [ "$number" -eq "$count" ]; then
        next=1
        if [ "$missing" -eq 0 ] && [ "$(sha256 <"$partial")" = "$whole" ]; then
            mv "$partial" "$target/$path" || exit 1
            echo "OK: $target/$path"
        else
            rm -f "$partial"
            fault "未合并 · Not joined: $path"
        fi
    fi
done <"$list"
if [ "$next" -ne 1 ] || [ -n "$(tail -c 1 "$list")" ]; then
    fault "清单不完整，末尾缺失 · The list is cut, its end is missing: $list"
elif [ "$files" -eq 0 ]; then
    fault "清单中没有文件，未合并任何文件 · The list names no file, nothing was joined: $list"
fi
exit $failed
