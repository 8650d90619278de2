"""Turns that everybody takes who works with the catalogue, on whatever machine: the server's advisory locks.

A lock belongs to a session and ends with it: with its process, with its machine once the server has noticed, or with
the server. Each turn has a connection of its own, since a session never waits for itself; those that are done with are
kept for the next.
"""

import hashlib
from collections.abc import Callable
from threading import Lock
from typing import Any

from psycopg import Connection, Error

Connect = Callable[[], "Connection[Any]"]


def key_of(schema: str, name: str) -> int:
    """The number of a lock: 64 bits."""
    return int.from_bytes(hashlib.sha256(f"{schema}/{name}".encode()).digest()[:8], signed=True)


class AdvisoryTurns:
    """Those of one catalogue. `connect` gives a connection that commits by itself; Errors are as it raises them."""

    def __init__(self, schema: str, connect: Connect, meaning: Callable[[Error], Exception]) -> None:
        self._schema = schema
        self._connect = connect
        self.meaning = meaning
        self._idle: list[Connection[Any]] = []
        self._closed = False
        self._guard = Lock()

    def turn(self, name: str) -> "AdvisoryTurn":
        return AdvisoryTurn(self, key_of(self._schema, name))

    def sweep(self, folder: str) -> None:
        """A lock leaves nothing behind."""

    def borrow(self) -> "Connection[Any]":
        with self._guard:
            while self._idle:
                connection = self._idle.pop()
                try:
                    connection.execute("SELECT 1")  # only by asking is it known that its server went meanwhile
                except Error:
                    connection.close()
                else:
                    return connection
        return self._connect()

    def bring_back(self, connection: "Connection[Any]") -> None:
        with self._guard:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    def let_go(self) -> None:
        """Close connections that hold no lock."""
        with self._guard:
            while self._idle:
                self._idle.pop().close()

    def close(self) -> None:
        """At the end: keep none that is brought back later."""
        self._closed = True
        self.let_go()


class AdvisoryTurn:
    """One lock, held by a connection."""

    def __init__(self, turns: AdvisoryTurns, key: int) -> None:
        self._turns = turns
        self._key = key
        self._connection: Connection[Any] | None = None
        self._how: str | None = None  # what the functions that took it have at their end

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        how = "_shared" if shared else ""
        if how == self._how:
            return True
        try:
            if self._connection is None:
                self._connection = self._turns.borrow()
            if wait:
                self._ask("pg_advisory_lock", how)
            elif not self._ask("pg_try_advisory_lock", how):
                return False
            before, self._how = self._how, how
            if before is not None:
                self._ask("pg_advisory_unlock", before)
        except Error as error:
            raise self._turns.meaning(error) from error
        return True

    def give_back(self) -> None:
        connection, self._connection = self._connection, None
        how, self._how = self._how, None
        if connection is None:
            return
        try:
            if how is not None:
                connection.execute(f"SELECT pg_advisory_unlock{how}(%s)", (self._key,))
        except Error:
            connection.close()  # it is gone, and so is the lock
        else:
            self._turns.bring_back(connection)

    def forget(self) -> None:
        self.give_back()

    def _ask(self, function: str, how: str) -> bool:
        assert self._connection is not None
        answer = self._connection.execute(f"SELECT {function}{how}(%s)", (self._key,)).fetchone()
        return bool(answer and answer[0])
