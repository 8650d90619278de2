"""What the operating system says when it refuses, in both languages.

One table for sources, stores, targets and settings.
"""

import errno
import os

from vault.text import Text

_CAUSES = {
    errno.EACCES: Text(en="permission denied", zh="权限不足"),
    errno.EPERM: Text(en="operation not permitted", zh="不允许此操作"),
    errno.ENOENT: Text(en="no such file or folder", zh="文件或文件夹不存在"),
    errno.EEXIST: Text(en="it exists already", zh="已存在"),
    errno.ELOOP: Text(en="it is a symbolic link", zh="它是符号链接"),
    errno.ENOTDIR: Text(en="a part of the path is no folder", zh="路径中有一段不是文件夹"),
    errno.EISDIR: Text(en="it is a folder", zh="它是文件夹"),
    errno.ENOTEMPTY: Text(en="the folder is not empty", zh="文件夹非空"),
    errno.ENAMETOOLONG: Text(en="the path is too long", zh="路径过长"),
    errno.ENXIO: Text(en="it is a fifo or a socket", zh="它是管道或套接字"),
    errno.ENOSPC: Text(en="no space left", zh="空间不足"),
    errno.EDQUOT: Text(en="the quota is used up", zh="已超出配额"),
    errno.EFBIG: Text(en="the file is too large for this file system", zh="文件超出该文件系统的上限"),
    errno.EROFS: Text(en="the file system is read-only", zh="文件系统为只读"),
    errno.EBUSY: Text(en="it is in use", zh="正被占用"),
    errno.ETXTBSY: Text(en="it is in use", zh="正被占用"),
    errno.EIO: Text(en="input/output error: the medium may be damaged", zh="读写错误：介质可能已损坏"),
    errno.ENODEV: Text(en="the device is gone", zh="设备已断开"),
    errno.ENOTCONN: Text(en="its file system is not connected", zh="所在文件系统已断开"),
    errno.ESTALE: Text(en="its network share was replaced or lost", zh="所在网络共享已更换或丢失"),
    errno.ETIMEDOUT: Text(en="it did not answer in time", zh="响应超时"),
    errno.EHOSTDOWN: Text(en="the server is down", zh="服务器未响应"),
    errno.EHOSTUNREACH: Text(en="the server cannot be reached", zh="无法连接服务器"),
    errno.EMFILE: Text(en="too many open files", zh="打开的文件过多"),
    errno.EPIPE: Text(en="the reader has gone", zh="读取方已关闭"),
}


def cause(error: OSError) -> Text:
    """Why, without the file's name; in the words it came with where they are not the system's own, or not known."""
    said = error.strerror or str(error)
    number = error.errno or 0
    known = _CAUSES.get(number) if said == os.strerror(number) else None
    return known or Text(en=said, zh=said)
