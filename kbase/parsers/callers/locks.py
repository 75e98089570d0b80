"""Which functions and macros of the kernel take, assert or release a lock, by their names."""

import re

from tree_sitter import Node

from kbase.model.call_sites import LockCall
from kbase.parsers.callers.syntax import one_line, source_line, text_of

LONGEST_ARGUMENT = 80  # characters

# Of a lock that has functions of its own: the words before or after `lock`, `unlock`, `trylock`.
OWNERS = (
    "inode|folio|super|bdev|bdev_super|page|task|sb|cgroup|pipe|namespace|dquot|fsnotify_group|epoll_mutex|sem|ipc|shm|local"
    "|vma|mmap|mmap_read|mmap_write|i_mmap|anon_vma|filemap_invalidate|hlist_bl|bit_spin|xa|xas|part_stat|folio_memcg"
    "|hugetlb_vma|huge_pte|p[mug4]d|p[mu]d_trans_huge|sb_freeze|cpus_read|dax_read|mutex|ww_mutex|rt_mutex|rwlock|rtnl"
    "|(?:_?raw_)?(?:spin|read|write)|s?rcu(?:_read)?|lockref|z3fold_page|dir|invalidate"
)
OBJECTS = (
    "page|buffer|super|kernel|mount|mount_hash|mnt_tree|rename|two_nondirectories|two_directories|two_inodes|task_sighand"
    "|system_sleep|flocks|dquot|device_hotplug|page_cgroup|page_memcg|cluster"
)
HOW = (
    "bh|irq|irqsave|irqrestore|nested|shared|excl|killable|interruptible|io|read|write|lruvec"
    "|child|two|sched|held|object|trylock|anon_vma_read|or_retry"
)
LOCK_CALL = re.compile(
    rf"_{{0,2}}(?:{OWNERS})_(?:un|try)?lock(?:_(?:{HOW})){{0,4}}"
    rf"|(?:un|try)?lock_(?:{OBJECTS})(?:_(?:{HOW})){{0,4}}"
    r"|(?:percpu_)?(?:down|up)(?:_(?:read|write))?(?:_(?:killable|interruptible|trylock|timeout|nested|nest_lock|non_owner))?"
    r"|downgrade_write|lockdep_assert\w*|assert_(?:raw_)?spin_locked|[a-z_]{1,20}_assert_(?:write_)?locked(?:_object)?|vma_(?:start|end)_(?:read|write)"
    r"|(?:sb|file|kiocb)_(?:start|end)_(?:write|pagefault|intwrite)(?:_trylock)?|mnt_(?:want|drop)_write(?:_file)?"
    r"|(?:read|write)_seq(?:lock|unlock)\w*|(?:read|write)_seqcount_(?:begin|retry|end)\w*|read_seq(?:begin|retry)\w*"
    r"|done_seqretry\w*|pte_offset_map_lock|pte_unmap_unlock|guard|scoped_guard"
)
GUARDS = frozenset(("guard", "scoped_guard"))


def lock_call(data: bytes, call: Node, callee: Node) -> LockCall | None:
    """The call of a function as one about a lock; None if it is none. `data` is the file."""
    if callee.type == "call_expression":  # guard(mutex)(&lock)
        guard = text_of(callee.child_by_field_name("function"))
        name = one_line(callee.text or b"") if guard in GUARDS else ""
    else:
        name = text_of(callee)
        guard = name if callee.type == "identifier" else ""
    if not name or not LOCK_CALL.fullmatch(guard):
        return None
    arguments = call.child_by_field_name("arguments")
    argument = one_line((arguments.text or b"")[1:-1])[:LONGEST_ARGUMENT] if arguments is not None else ""
    line, text = source_line(data, callee.start_byte)
    return LockCall(line=line, name=name, argument=argument, text=text)
