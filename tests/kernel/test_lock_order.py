"""The order of locks in sentences and steps: what is read, and what is not."""

import pytest

from kbase.kernel.lock_order import Kinds, kinds_in, read_orders, read_steps

KINDS = Kinds(inode="->i_mutex", filesystem="->s_vfs_rename_mutex")
RANKING = "There is a ranking of locks, such that all doors acquire them in order of rising rank. Namely,\n\n"


def told(text: str, kinds: Kinds | None = None) -> list[str]:
    """The orders of a text, each with its condition."""
    orders = [stated.order for stated in read_orders(text, kinds)]
    return [f"{order}, {order.condition}" if order.condition else str(order) for order in orders]


def steps_told(*steps: str, remarks: tuple[str, ...] = ()) -> list[str]:
    orders = [stated.order for stated in read_steps("felling", steps, remarks, KINDS)]
    return [f"{order}, {order.condition}" if order.condition else str(order) for order in orders]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "When acquiring w_lock of several non-directories, we take them in order of rising address.",
            ["w_lock (non-directories): by address"],
        ),
        (
            "All dentry hash chain updates must acquire a_lock and the per-dentry lock in this order.",
            ["a_lock before d_lock, to update a hash chain of dentries"],
        ),
        (
            "Any update of a dentry hash chain must acquire a_lock and b_lock in this order.",
            ["a_lock before b_lock, to update a hash chain of dentries"],
        ),
        (
            ("Lock ordering has changed so that a_lock ranks above b_lock. All places where a_lock was acquired under "
            "b_lock have been changed."),
            ["a_lock before b_lock"],
        ),
        ("a_lock now ranks above b_lock. All places where a_lock was acquired under b_lock have been changed.",
         ["a_lock before b_lock"]),
        ("Lock ordering has changed so that a_lock ranks above b_lock. Be careful.", []),
        (
            ("Lock ordering has changed so that a_lock ranks above b_lock. All places where b_lock was acquired under "
            "a_lock have been changed."),
            [],
        ),
        ("Not all dentry hash chain updates must acquire a_lock and b_lock in this order.", []),
        ("put ->a_lock at a lower rank than any ->b_lock of one filesystem.", []),
        (
            f"{RANKING}* put ->a_lock at a lower rank than any ->b_lock\n  of one filesystem.",
            ["a_lock before b_lock, on the same filesystem"],
        ),
        (
            (f"{RANKING}* put ->a_lock of directories of one filesystem at one rank,\n"
            "  lower than ->a_lock of non-directories of the same filesystem."),
            ["a_lock (directories) before a_lock (non-directories), on the same filesystem"],
        ),
        (
            f"{RANKING}* rank ->a_lock of non-directories of one filesystem in order of rising address.",
            ["a_lock (non-directories): by address, on the same filesystem"],
        ),
        (
            (f"{RANKING.replace('rising', 'falling')}* rank ->a_lock of non-directories of one filesystem in order of "
            "address."),
            [],
        ),
        (
            ("Locks have ranks, and all doors acquire them in the order of non-decreasing rank. Put ->a_lock at a "
             "lower rank than any ->b_lock of that filesystem."),
            ["a_lock before b_lock, on the same filesystem"],
        ),
        ("Locks of non-directories are taken only after locks of directories, and are taken in inode pointer order",
         []),
        ("The order of the locks is unknown.", []),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_what_only_says_lock_is_about_the_two_kinds_that_the_document_names() -> None:
    text = (
        "The barn has two kinds of locks: per-inode (->i_sem) and per-filesystem (->f_sem).\n\n"
        "(3) any operation has at most one lock of a non-directory and it is taken behind all others. (Proof: none)"
    )
    assert told(text) == [
        "f_sem (filesystem) before i_rwsem (non-directories)",
        "i_rwsem (directories) before i_rwsem (non-directories)",
    ]
    assert kinds_in(text) == Kinds(inode="->i_sem", filesystem="->f_sem")
    apart = "The barn has two kinds of locks: ->i_sem of each inode and ->f_sem of each filesystem."
    assert kinds_in(apart) == Kinds(inode="->i_sem", filesystem="->f_sem")
    assert kinds_in("There are two kinds of locks, big ones and small ones.") is None


def test_old_names_are_read_as_the_lock_that_they_mean() -> None:
    (stated,) = read_orders("When acquiring i_sem of several non-directories, we take them in order of rising address.")
    assert (stated.order.first.subject, stated.order.first.written) == ("i_rwsem", "i_sem")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("caller locks parent", "finds it", "locks victim"), ["i_rwsem (parent) before i_rwsem (victim)"]),
        (
            ("lock the filesystem", ("lock the parents ancestors first. "
             "Where neither is an ancestor of the other, lock parent of the source first")),
            [
                "i_rwsem (parents): ancestors first",
                "i_rwsem (parents): source first, if neither is an ancestor of the other",
                "s_vfs_rename_mutex (filesystem) before i_rwsem (parents)",
            ],
        ),
        (
            ("lock parent", "If source is a non-dir, lock it.  If target exists, lock it", "unlock it all"),
            ["i_rwsem (parent) before i_rwsem (source), if the source is no directory",
             "i_rwsem (parent) before i_rwsem (target), if the target exists"],
        ),
        (
            ("the caller locks the parent", "If there is a target, always lock it",
             "Unless the source is a directory, lock that as well"),
            ["i_rwsem (parent) before i_rwsem (target), if the target exists",
             "i_rwsem (parent) before i_rwsem (source), if the source is no directory"],
        ),
        (
            ("lock the parents ancestors first. Where neither lies above the other, begin with that of the source",
             "lock the subdirectories, the source first"),
            [
                "i_rwsem (parents): ancestors first",
                "i_rwsem (parents): source first, if neither is an ancestor of the other",
                "i_rwsem (subdirectories): source first",
                "i_rwsem (parents) before i_rwsem (subdirectories)",
            ],
        ),
        (
            ("lock parent", ("lock both, as far as they exist. Where we lock two objects of different types, the "
             "directory comes first")),
            [
                "i_rwsem (source and target): directories first, if they are of different types",
                "i_rwsem (parent) before i_rwsem (source and target), those that exist",
            ],
        ),
        (
            ("lock parent", "Find out which of the two to lock",
             "Acquire these locks, in order of rising addresses if both are acquired (seldom)"),
            [
                "i_rwsem (source and target): by address, if both are locked",
                "i_rwsem (parent) before i_rwsem (source and target), those that need to be locked",
            ],
        ),
        (
            ("lock the parent (exclusive)", "lock subdirectories, source before target", "be quick",
             "lock the non-directories in order of rising address".replace(" in", ", in")),
            ["i_rwsem (subdirectories): source first", "i_rwsem (non-directories): by address",
             "i_rwsem (parent) before i_rwsem (subdirectories)",
             "i_rwsem (subdirectories) before i_rwsem (non-directories)"],
        ),
        (("lock parent", "lock whatever is in the way", "locks victim"), []),
        (("lock parent", "unlock parent", "lock source"), []),
        (("lock parent", "call the method", "lock source"), []),
        (("lock parent if need be", "lock source"), []),
        (("we need no locks",), []),
    ],
)  # fmt: skip
def test_steps(steps: tuple[str, ...], expected: list[str]) -> None:
    assert steps_told(*steps) == expected


def test_both_locked_in_a_row_are_not_ordered_by_the_row() -> None:
    found = steps_told("lock the parent", "If source is a non-dir, lock it", "If target exists, lock it",
                       "Where we must lock both, take them in order of rising address")  # fmt: skip
    assert found[0] == "i_rwsem (source and target): by address, if both are locked"
    assert not any(order.startswith(("i_rwsem (target) before", "i_rwsem (source) before")) for order in found)


def test_an_order_of_both_behind_something_else_is_not_read() -> None:
    assert steps_told("lock the parent", "Where we must lock both, take them in order of rising address") == []


def test_the_mode_is_that_of_the_step_or_of_the_remark() -> None:
    def modes(steps: tuple[str, ...], *remarks: str) -> list[object]:
        (stated,) = read_steps("felling", steps, remarks, KINDS)
        return [stated.order.first.mode, stated.order.second.mode]

    assert modes(("lock parent", "lock source")) == [None, None]
    assert modes(("lock parent (shared)", "lock source (exclusive; perhaps)")) == ["shared", "exclusive"]
    assert modes(("lock parent", "lock source"), "All locks are exclusive") == ["exclusive", "exclusive"]
    assert modes(("lock the filesystem", "lock parent"), "All ->i_mutex are taken exclusive") == [None, "exclusive"]
    assert modes(("lock the filesystem", "lock parent"), "All ->i_mutex are exclusive") == [None, "exclusive"]


def test_each_order_says_which_steps_state_it() -> None:
    steps = "lock parent", "find the source", "lock source"
    (stated,) = read_steps("felling", steps, (), KINDS)
    assert (stated.first, stated.last) == (0, 3)
    assert (stated.order.operation, stated.order.text) == ("felling", "lock parent … lock source")


def test_the_same_object_twice_is_no_order() -> None:
    assert steps_told("lock parent", "lock the parent") == []


def test_too_much_is_not_read() -> None:
    assert steps_told(*["lock parent", "lock source"] * 60) == []
    assert steps_told("lock parent", f"lock the source (exclusive; {'or so ' * 200})") == []
