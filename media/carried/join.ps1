# 合并被分到几张光盘上的大文件：powershell -ExecutionPolicy Bypass -File join.ps1 目标文件夹 光盘1 光盘2 ……
# Joins the files that were cut over several discs: join.ps1 TARGET DISC1 DISC2 ... (drives such as E:\, or folders with
# copies of the discs). What to join stands in join.txt. Each piece, and the whole, is checked by SHA-256.
# 退出码 Exit code: 0 已合并 joined, 1 缺分段或有损坏 a piece is missing or damaged, 2 用法错误 usage
if ($args.Count -lt 2) {
    Write-Output '用法 · Usage: join.ps1 目标文件夹/TARGET 光盘/DISC...'
    exit 2
}
if (-not (Test-Path -LiteralPath $args[0] -PathType Container)) {
    try {
        [void](New-Item -Path $args[0] -ItemType Directory -ErrorAction Stop)
    } catch {
        Write-Output "无法建立目标文件夹 · Cannot make the folder: $($args[0])"
        exit 2
    }
}
$target = (Resolve-Path -LiteralPath $args[0]).ProviderPath
$discs = $args[1..($args.Count - 1)]
$separator = [string][IO.Path]::DirectorySeparatorChar
$list = Join-Path (Split-Path -Parent $MyInvocation.MyCommand.Path) 'join.txt'
$failed = 0
$files = 0
$next = 1
try {
    $text = [IO.File]::ReadAllText($list, [Text.Encoding]::UTF8)
} catch {
    Write-Output "无法读取清单，未合并任何文件 · Cannot read the list, nothing was joined: $list"
    exit 1
}
foreach ($line in $text.Split("`n")) {
    if ($line -eq '' -or $line.StartsWith('#')) { continue }
    if ($line -cnotmatch "^[0-9a-f]{64}`t$next`t[0-9]+`t[^`t]+`t[0-9a-f]{64}`t[^`t]+`t[^`t]+$") {
        Write-Output "清单已损坏，缺行或行不完整 · The list is damaged, a line lacks or is cut: $list"
        $failed = 1
        $next = 1
        if ($partial -and (Test-Path -LiteralPath $partial)) { Remove-Item -LiteralPath $partial }
        continue
    }
    $whole, $number, $count, $volume, $digest, $piece, $path = $line.Split("`t")
    $joined = Join-Path $target $path.Replace('/', $separator)
    $partial = "$joined.partial"
    $next++
    if ([int]$number -eq 1) {
        $missing = $false
        $files++
        if ((Test-Path -LiteralPath $joined) -and (Get-FileHash -LiteralPath $joined -Algorithm SHA256).Hash -ne $whole) {
            Write-Output "已有同名而内容不同的文件，不予覆盖 · A file of that name and other content is there, and stays: $joined"
            $missing = $true
        }
        [void][IO.Directory]::CreateDirectory((Split-Path -Parent $joined))
        [IO.File]::Create($partial).Dispose()
    }
    $there = @($discs | ForEach-Object { Join-Path $_ $piece.Replace('/', $separator) } |
        Where-Object { Test-Path -LiteralPath $_ -PathType Leaf })
    $found = $there | Where-Object { (Get-FileHash -LiteralPath $_ -Algorithm SHA256).Hash -eq $digest } |
        Select-Object -First 1
    if ($there.Count -eq 0) {
        Write-Output "缺少分段 · A piece is missing: $piece （光盘 disc $volume）"
        $missing = $true
    } elseif (-not $found) {
        Write-Output "分段已损坏 · A piece is damaged: $($there[0])"
        $missing = $true
    } elseif (-not $missing) {
        $from = [IO.File]::OpenRead((Resolve-Path -LiteralPath $found).ProviderPath)
        $to = New-Object IO.FileStream $partial, ([IO.FileMode]::Append)
        $from.CopyTo($to)
        $to.Dispose()
        $from.Dispose()
    }
    if ([int]$number -eq [int]$count) {
        $next = 1
        if (-not $missing -and (Get-FileHash -LiteralPath $partial -Algorithm SHA256).Hash -eq $whole) {
            Move-Item -LiteralPath $partial -Destination $joined -Force
            Write-Output "OK: $joined"
        } else {
            Remove-Item -LiteralPath $partial
            Write-Output "未合并 · Not joined: $path"
            $failed = 1
        }
    }
}
if ($next -ne 1 -or ($text -ne '' -and -not $text.EndsWith("`n"))) {
    Write-Output "清单不完整，末尾缺失 · The list is cut, its end is missing: $list"
    $failed = 1
} elseif ($files -eq 0) {
    Write-Output "清单中没有文件，未合并任何文件 · The list names no file, nothing was joined: $list"
    $failed = 1
}
exit $failed
