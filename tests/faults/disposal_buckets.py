"""Random disposals with one of the stores in a bucket that has Object Lock, so that it keeps versions."""

import secrets

from backends.bucket import BucketStore
from backends.memory import MemoryStore
from backends.s3 import S3Files
from tests.faults.archive import VAULT
from tests.faults.disposals import Disposals
from tests.servers import S3Server
from vault.digest import Digest
from vault.ports import Store


def in_buckets(server: S3Server) -> type[Disposals]:
    """The machine, over such a server."""

    class Buckets(Disposals):
        def stores(self) -> tuple[Store, ...]:
            self.folder = f"d-{secrets.token_hex(8)}"
            place = f"{server.url}/{server.locked_bucket}/{self.folder}"
            self.bucket = S3Files(place, server.access_key, server.secret_key)
            self.bucket.time = lambda: self.true().timestamp()  # type: ignore[method-assign]  # years pass there, too
            bucket = BucketStore("丙", self.bucket, VAULT, place, bucket=self.bucket)
            return MemoryStore("甲"), MemoryStore("乙"), bucket

        def contents_of(self, store: Store) -> set[Digest]:
            if isinstance(store, MemoryStore):
                return super().contents_of(store)
            found = self.bucket.client.list_objects(
                self.bucket.bucket, f"{self.folder}/objects/", recursive=True, include_version=True
            )
            return {Digest.parse((one.object_name or "").rpartition("/")[2]) for one in found}

    return Buckets
