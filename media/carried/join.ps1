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
foreach ($line in [IO.File]::ReadAllLines($list, [Text.Encoding]::UTF8)) {
    if ($line -eq '' -or $line.StartsWith('#')) { continue }
    $whole, $number, $count, $volume, $digest, $piece, $path = $line.Split("`t")
    $joined = Join-Path $target $path.Replace('/', $separator)
    $partial = "$joined.partial"
    if ([int]$number -eq 1) {
        $missing = $false
        [void][IO.Directory]::CreateDirectory((Split-Path -Parent $joined))
        [IO.File]::Create($partial).Dispose()
    }
    $found = $discs | ForEach-Object { Join-Path $_ $piece.Replace('/', $separator) } |
        Where-Object { Test-Path -LiteralPath $_ -PathType Leaf } | Select-Object -First 1
    if (-not $found) {
        Write-Output "缺少分段 · A piece is missing: $piece （光盘 disc $volume）"
        $missing = $true
    } elseif ((Get-FileHash -LiteralPath $found -Algorithm SHA256).Hash -ne $digest) {
        Write-Output "分段已损坏 · A piece is damaged: $found"
        $missing = $true
    } elseif (-not $missing) {
        $from = [IO.File]::OpenRead((Resolve-Path -LiteralPath $found).ProviderPath)
        $to = New-Object IO.FileStream $partial, ([IO.FileMode]::Append)
        $from.CopyTo($to)
        $to.Dispose()
        $from.Dispose()
    }
    if ([int]$number -eq [int]$count) {
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
exit $failed
