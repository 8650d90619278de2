# 核对本光盘（或其副本）的全部文件：powershell -ExecutionPolicy Bypass -File verify.ps1
# Checks every file of this disc, or of a copy of it, against its SHA-256. Needs nothing but what Windows brings.
# 退出码 Exit code: 0 完好 whole, 1 有损坏或缺失 damaged or missing
$root = Split-Path -Parent $MyInvocation.MyCommand.Path
$total = 0
$broken = 0
$recordings = 0
$named = @{ 'tagmanifest-sha256.txt' = 1; 'blocks-sha256.txt' = 1 }
foreach ($list in 'manifest-sha256.txt', 'tagmanifest-sha256.txt') {
    try {
        $lines = [IO.File]::ReadAllLines((Join-Path $root $list), [Text.Encoding]::UTF8)
    } catch {
        Write-Output "无法读取清单 · Cannot read the list: $list"
        $broken++
        continue
    }
    if ($lines.Count -eq 0) {
        Write-Output "清单已损坏 · The list is damaged: $list"
        $broken++
    }
    foreach ($line in $lines) {
        $total++
        if ($line -notmatch '^([0-9a-f]{64})  (.+)$') {
            Write-Output "清单已损坏 · The list is damaged: $list"
            $broken++
            continue
        }
        $wanted = $Matches[1]
        $name = $Matches[2]
        $named[$name] = 1
        try {
            $path = Join-Path $root $name.Replace('/', [string][IO.Path]::DirectorySeparatorChar)
            $found = (Get-FileHash -LiteralPath $path -Algorithm SHA256 -ErrorAction Stop).Hash
        } catch {
            $found = ''
        }
        if ($found -ne $wanted) {
            Write-Output "损坏或缺失 · damaged or missing: $name"
            $broken++
        }
    }
    if ($list -eq 'manifest-sha256.txt') { $recordings = $total }
}
if (-not (Test-Path -LiteralPath (Join-Path $root 'blocks-sha256.txt') -PathType Leaf)) {
    Write-Output '损坏或缺失 · damaged or missing: blocks-sha256.txt'
    $broken++
}
# What no list names was not put there by whoever made the disc, or a list has lost its lines.
$separator = [IO.Path]::DirectorySeparatorChar
foreach ($file in Get-ChildItem -LiteralPath $root -Recurse -File) {
    $name = $file.FullName.Substring($root.TrimEnd($separator).Length + 1).Replace($separator, [char]'/')
    if (-not $named.ContainsKey($name)) {
        Write-Output "清单中没有的文件 · in no list: $name"
        $broken++
    }
}
if ($total -gt 0 -and $broken -eq 0) {
    $own = $total - $recordings
    Write-Output "OK: $total 个文件完好（原始文件 $recordings，本盘说明、清单等 $own）· $total files are whole (recordings: $recordings, the disc's own: $own)"
    exit 0
}
Write-Output "$broken 处有误，请改用另一份副本，或按“说明.txt”修复 · $broken faults; take the other copy, or mend this one as README.txt says"
exit 1
