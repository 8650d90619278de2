"""A name on a share, and requests about it that go together in one round trip (MS-SMB2 3.2.4.1.4).

Of the answers only what counts is read: to take them all apart, smbprotocol needs as long as the server does for a
small file.
"""

from contextlib import suppress
from typing import Any

from smbclient._pool import get_smb_tree
from smbprotocol.exceptions import SMBException, SMBOSError, SMBResponseException
from smbprotocol.header import Commands
from smbprotocol.open import ImpersonationLevel, Open, SMB2SetInfoRequest

_FILE_ID = slice(64, 80)  # where it stands in the answer to CREATE (MS-SMB2 2.2.14)
_COUNT = slice(4, 8)  # and the bytes written in that to WRITE (2.2.22)


class Handle:
    """Not open yet. `how`: what smbclient is told of the connection."""

    def __init__(self, path: str, how: dict[str, Any]) -> None:
        try:
            tree, name = get_smb_tree(path, **how)
        except SMBResponseException as error:
            raise SMBOSError(error.status, path) from error
        self.file = Open(tree, name)
        self._is_open = False

    def opening(self, access: int, attributes: int, sharing: int, disposition: int, options: int) -> Any:
        """The request; see `Open.create`."""
        how = ImpersonationLevel.Impersonation
        return self.file.create(how, access, attributes, sharing, disposition, options, send=False)[0]

    def writing(self, data: bytes) -> Any:
        return self.file.write(data, send=False)[0]

    def flushing(self) -> Any:
        return self.file.flush(send=False)[0]

    def naming(self, information: Any) -> Any:
        message = SMB2SetInfoRequest()
        message["info_type"] = information.INFO_TYPE
        message["file_info_class"] = information.INFO_CLASS
        message["file_id"] = self.file.file_id
        message["buffer"] = information
        return message

    def closing(self) -> Any:
        return self.file.close(send=False)[0]

    def ask(self, *messages: Any) -> list[bytes]:
        """The answers. SMBOSError: the first that was refused; what came after it may have been done all the same."""
        tree, connection = self.file.tree_connect, self.file.connection
        sent = connection.send_compound(list(messages), tree.session.session_id, tree.tree_connect_id, related=True)
        answers: list[bytes] = []
        refused: SMBResponseException | None = None
        for message, request in zip(messages, sent, strict=True):
            try:
                answer = connection.receive(request)["data"].get_value()
            except SMBResponseException as error:
                refused = refused or error
                continue
            answers.append(answer)
            if message.COMMAND == Commands.SMB2_CREATE:
                self.file.file_id, self._is_open = answer[_FILE_ID], True
            elif message.COMMAND == Commands.SMB2_CLOSE:
                self._is_open = False
        if refused is not None:
            raise SMBOSError(refused.status, self.file.file_name) from refused
        return answers

    def close(self) -> None:
        """What was flushed needs no last word; files on a connection that broke are closed by the server."""
        if self._is_open:
            with suppress(SMBException, ValueError, OSError):
                self.ask(self.closing())


def count_of(answer: bytes) -> int:
    """How many bytes a server says it has written."""
    return int.from_bytes(answer[_COUNT], "little")
