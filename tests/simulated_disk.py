"""A disk in memory that forgets what wasn't synced: what a crash may leave of it can be counted through.

Invariant: a byte or a name is certain only after a sync of its file or its folder that succeeded. Until then
each write may be there whole, torn, as zeros or not at all, and each change of a name may be there or not, in
any combination. What stood unconfirmed when a sync failed is made certain by no later sync, unless it is
written again (Linux marks such pages clean); each description that was open then is told of it once.
"""

import errno
import os
import random
import stat
from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

from simulated_losses import Write, applied, cuts, fates, subsets

PAGE = 4096

ROOT = 1


class Change(NamedTuple):
    """Names that get a file, or lose theirs (0), at once."""

    names: tuple[tuple[str, int], ...]


class Node:
    """A file or a folder. `now` and `names` are what processes see, `certain…` what survives everything."""

    def __init__(self, *, folder: bool, mode: int, at: float) -> None:
        self.folder, self.mode, self.at = folder, mode, at
        self.now = self.certain = b""
        self.writes: list[Write] = []
        self.names: dict[str, int] = {}
        self.certain_names: dict[str, int] = {}
        self.changes: list[Change] = []
        self.errors = 0

    def copy(self) -> "Node":
        """This node as it is, for another disk."""
        node = Node(folder=self.folder, mode=self.mode, at=self.at)
        node.now, node.certain, node.writes = self.now, self.certain, list(self.writes)
        node.names, node.certain_names = dict(self.names), dict(self.certain_names)
        node.changes, node.errors = list(self.changes), self.errors
        return node

    def settle(self) -> None:
        """A sync succeeded."""
        self.certain = applied(self.certain, (write for write in self.writes if not write.lost))
        self.writes = [write for write in self.writes if write.lost]
        self.certain_names, self.changes = dict(self.names), []


class Opened:
    """An open file description, shared by the descriptors that were duplicated from one."""

    def __init__(self, number: int, node: Node, *, append: bool = False) -> None:
        self.number, self.node, self.append = number, node, append
        self.offset = 0
        self.errors_seen = node.errors
        self.descriptors = 1


class Disk:
    """Nodes by number, the root folder first. `stepped` is called after each that a crash could follow."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0) -> None:
        self.clock = clock
        self.nodes = {ROOT: Node(folder=True, mode=0o755, at=0.0)}
        self.stepped: Callable[[str], None] = lambda _: None
        self._next = ROOT + 1

    def copy(self) -> "Disk":
        """The same disk after its processes were killed: all they did is there, nothing more is certain."""
        disk = Disk(self.clock)
        disk.nodes = {number: node.copy() for number, node in self.nodes.items()}
        disk._next = self._next
        return disk

    @property
    def doubtful(self) -> bool:
        """Whether a sync has failed, and what it left unconfirmed is still only read from memory."""
        return any(write.lost for node in self.nodes.values() for write in node.writes)

    def find(self, path: str) -> int:
        """The number of what is at a path."""
        number = ROOT
        for part in _parts(path):
            node = self.nodes[number]
            if not node.folder:
                raise _error(errno.ENOTDIR, path)
            if part not in node.names:
                raise _error(errno.ENOENT, path)
            number = node.names[part]
        return number

    def node(self, path: str) -> Node:
        """What is at a path."""
        return self.nodes[self.find(path)]

    def read(self, path: str) -> bytes | None:
        """A file's content; None for no file."""
        try:
            return self.node(path).now
        except FileNotFoundError:
            return None

    def make(self, path: str, mode: int, *, folder: bool) -> int:
        """A new file or folder."""
        parent, name = self._parent(path)
        if name in parent.names:
            raise _error(errno.EEXIST, path)
        number, self._next = self._next, self._next + 1
        self.nodes[number] = Node(folder=folder, mode=mode, at=self.clock())
        self._change(parent, (name, number))
        self.stepped("make")
        return number

    def remove(self, path: str) -> None:
        """Take a file's name away."""
        parent, name = self._parent(path)
        if name not in parent.names:
            raise _error(errno.ENOENT, path)
        self._change(parent, (name, 0))
        self.stepped("unlink")

    def rename(self, old: str, new: str) -> None:
        """Give a file another name of the same folder, over another file or not."""
        parent, name = self._parent(old)
        number = self.find(old)
        self._change(parent, (name, 0), (_parts(new)[-1], number))
        self.stepped("rename")

    def write(self, node: Node, offset: int, data: bytes) -> None:
        """Bytes as the kernel takes them: piece by piece, where a kill may cut them off."""
        pages = range(offset // PAGE, (offset + len(data) - 1) // PAGE + 1)
        node.writes = [_rewritten(write, pages) for write in node.writes]
        node.at = self.clock()
        before = node.now
        node.writes.append(Write(offset, b""))
        for cut in cuts(data):
            node.writes[-1] = Write(offset, data[:cut])
            node.now = applied(before, node.writes[-1:])
            self.stepped("write")

    def truncate(self, node: Node) -> None:
        """Empty a file."""
        node.writes.append(Write(-1, b""))
        node.now, node.at = b"", self.clock()
        self.stepped("truncate")

    def sync(self, opened: Opened, *, fails: bool = False) -> None:
        """Make a file's bytes, or a folder's names, certain."""
        node = opened.node
        if fails:
            node.writes = [write._replace(lost=True) for write in node.writes]
            node.errors += 1
        if opened.errors_seen < node.errors:
            opened.errors_seen = node.errors
            raise _error(errno.EIO, "sync")
        node.settle()
        self.stepped("sync")

    def status(self, number: int) -> os.stat_result:
        """As `os.stat` gives it."""
        node = self.nodes[number]
        links = sum(number in each.names.values() for each in self.nodes.values())
        kind = stat.S_IFDIR if node.folder else stat.S_IFREG
        whole = (kind | node.mode, number, 1, links, os.getuid(), os.getgid(), len(node.now))
        ns = int(node.at * 1e9)
        times = {"st_atime_ns": ns, "st_mtime_ns": ns, "st_ctime_ns": ns, "st_mtime": node.at}
        return os.stat_result((*whole, *[int(node.at)] * 3), times)

    # What a power loss may leave

    def losses(self, at_most: int, seed: int = 0) -> Iterator["Disk"]:
        """The disks that may be found after a power loss now: all of them, or so many."""
        locks = self._locks()
        unsure = [n for n, node in self.nodes.items() if (node.writes and n not in locks) or node.changes]
        choices = [list(self._outcomes(self.nodes[number])) for number in unsure]
        total = 1
        for some in choices:
            total *= len(some)
        if total <= at_most:
            chosen: Iterator[tuple[bytes | dict[str, int], ...]] = product(*choices)
        else:
            # First everything lost and everything kept, then any.
            dice = random.Random(seed)
            edges = [tuple(some[0] for some in choices), tuple(some[-1] for some in choices)]
            drawn = (tuple(dice.choice(some) for some in choices) for _ in range(at_most - 2))
            chosen = iter([*edges, *drawn])
        for outcome in chosen:
            yield self._left(dict(zip(unsure, outcome, strict=True)))

    def _outcomes(self, node: Node) -> Iterator[bytes | dict[str, int]]:
        if node.folder:
            locks = [change for change in node.changes if change.names[0][0].endswith(".lock")]
            others = [change for change in node.changes if change not in locks]
            for kept in subsets(len(others)):
                names = dict(node.certain_names)
                for is_kept, change in [*zip(kept, others, strict=True), *((True, lock) for lock in locks)]:
                    if is_kept:
                        names.update(change.names)
                yield {name: number for name, number in names.items() if number}
            return
        seen = set()
        for fate in fates(node.writes):
            content = applied(node.certain, fate)
            if content not in seen:
                seen.add(content)
                yield content

    def _left(self, outcome: dict[int, bytes | dict[str, int]]) -> "Disk":
        disk = Disk(self.clock)
        disk._next = self._next
        for number, node in self.nodes.items():
            kept = disk.nodes[number] = Node(folder=node.folder, mode=node.mode, at=node.at)
            found = outcome.get(number, node.certain_names if node.folder else node.certain)
            if isinstance(found, dict):
                kept.names, kept.certain_names = dict(found), dict(found)
            else:
                kept.now = kept.certain = found
        return disk

    def tree(self) -> frozenset[tuple[str, bytes]]:
        """All files by path with their contents, and all folders: what tells one state from another."""
        found: list[tuple[str, bytes]] = []
        folders = [("", ROOT)]
        for path, number in folders:
            for name, child in self.nodes[number].names.items():
                node = self.nodes[child]
                found.append((f"{path}/{name}", node.now))
                if node.folder:
                    folders.append((f"{path}/{name}", child))
        return frozenset(found)

    def _locks(self) -> set[int]:
        # Of them only the name matters, and that one is made anew.
        names = [item for node in self.nodes.values() for item in node.names.items()]
        return {number for name, number in names if name.endswith(".lock")}

    def _parent(self, path: str) -> tuple[Node, str]:
        *folder, name = _parts(path)
        return self.node("/".join(folder)), name

    def _change(self, parent: Node, *names: tuple[str, int]) -> None:
        parent.changes.append(Change(names))
        for name, number in names:
            parent.names[name] = number
            if not number:
                del parent.names[name]


def _rewritten(write: Write, pages: range) -> Write:
    """A page that is written to is written out again as a whole."""
    last = (write.offset + len(write.data) - 1) // PAGE
    again = write.lost and write.offset // PAGE <= pages[-1] and last >= pages[0]
    return write._replace(lost=False) if again else write


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
