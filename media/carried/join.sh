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

# Fields are set apart by tabs: whole's SHA-256, number of the piece, of how many, volume, piece's SHA-256, piece, whole.
tab=$(printf '\t')
failed=0
partial=
trap 'rm -f "$partial"' EXIT
while IFS=$tab read -r whole number count volume digest piece path; do
    case $whole in '#'* | '') continue ;; esac
    if [ "$number" -eq 1 ]; then
        partial=$target/$path.partial
        missing=0
        mkdir -p "$(dirname "$target/$path")" && : >"$partial" || exit 1
    fi
    found=
    for disc in "$@"; do
        if [ -f "$disc/$piece" ]; then found=$disc/$piece; fi
    done
    if [ -z "$found" ]; then
        echo "缺少分段 · A piece is missing: $piece （光盘 disc $volume）"
        missing=1
    elif [ "$(sha256 <"$found")" != "$digest" ]; then
        echo "分段已损坏 · A piece is damaged: $found"
        missing=1
    elif [ "$missing" -eq 0 ]; then
        cat "$found" >>"$partial" || exit 1
    fi
    if [ "$number" -eq "$count" ]; then
        if [ "$missing" -eq 0 ] && [ "$(sha256 <"$partial")" = "$whole" ]; then
            mv "$partial" "$target/$path" || exit 1
            echo "OK: $target/$path"
        else
            rm -f "$partial"
            echo "未合并 · Not joined: $path"
            failed=1
        fi
    fi
done <"$list"
exit $failed
