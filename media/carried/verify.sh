#!/bin/sh
# 核对本光盘（或其副本）的全部文件：sh verify.sh
# Checks every file of this disc, or of a copy of it, against its SHA-256. Needs nothing but what Linux and macOS bring.
# 退出码 Exit code: 0 完好 whole, 1 有损坏或缺失 damaged or missing, 2 无法核对 cannot tell
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 2

if command -v sha256sum >/dev/null 2>&1; then
    check() { sha256sum -c "$1" 2>/dev/null; }
elif command -v shasum >/dev/null 2>&1; then
    check() { shasum -a 256 -c "$1" 2>/dev/null; }
else
    echo '无法核对：系统没有 sha256sum 或 shasum · Cannot check: there is neither sha256sum nor shasum' >&2
    exit 2
fi

total=0
broken=0
recordings=0
for list in manifest-sha256.txt tagmanifest-sha256.txt; do
    if [ ! -r "$list" ]; then
        echo "无法读取清单 · Cannot read the list: $list"
        broken=$((broken + 1))
        continue
    fi
    # The last line says how many files were looked at and how many were not as listed; the others name those.
    counted=$(check "$list" | awk '
        /: FAILED( open or read)?$/ { sub(/: FAILED( open or read)?$/, ""); print; bad++; next }
        /: OK$/ { good++ }
        END { print good + bad "/" bad + 0 }')
    last=$(printf '%s\n' "$counted" | tail -n 1)
    listed=$(grep -c . "$list")
    printf '%s\n' "$counted" | sed -e '$d' -e 's/^/损坏或缺失 · damaged or missing: /'
    if [ "${last%/*}" -ne "$listed" ] || [ "$listed" -eq 0 ]; then
        echo "清单已损坏 · The list is damaged: $list"
        broken=$((broken + 1))
    fi
    [ "$list" = manifest-sha256.txt ] && recordings=${last%/*}
    total=$((total + ${last%/*}))
    broken=$((broken + ${last#*/}))
done

if [ ! -r blocks-sha256.txt ]; then
    echo '损坏或缺失 · damaged or missing: blocks-sha256.txt'
    broken=$((broken + 1))
fi
# What no list names was not put there by whoever made the disc, or a list has lost its lines.
unlisted=$(find . -type f | sed 's|^\./||' | awk '
    list { sub(/^[0-9a-f]+  /, ""); named[$0]; next }
    $0 != "tagmanifest-sha256.txt" && $0 != "blocks-sha256.txt" && !($0 in named)
' list=1 manifest-sha256.txt tagmanifest-sha256.txt list= - 2>/dev/null)
if [ -n "$unlisted" ]; then
    printf '%s\n' "$unlisted" | sed 's/^/清单中没有的文件 · in no list: /'
    broken=$((broken + $(printf '%s\n' "$unlisted" | grep -c .)))
fi

if [ "$broken" -eq 0 ]; then
    own=$((total - recordings))
    echo "OK: $total 个文件完好（原始文件 $recordings，本盘说明、清单等 $own）· $total files are whole (recordings: $recordings, the disc's own: $own)"
    exit 0
fi
echo "$broken 处有误，请改用另一份副本，或按“说明.txt”修复 · $broken faults; take the other copy, or mend this one as README.txt says"
exit 1
