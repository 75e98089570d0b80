"""The ops that the ops tables of the kernel's headers have had in any release from 2.4 to 7.1, by table.

Prose names ops without their tables, and data members in the same form: `->rename`, `->d_parent`. A parser tells them
apart by this list, which has every op of the bundled headers.
"""

_OPS = {
    "address_space_operations": (
        "bmap commit_write direct_IO dirty_folio error_remove_folio error_remove_page free_folio freepage "
        "get_xip_mem get_xip_page invalidate_folio invalidatepage is_dirty_writeback is_partially_uptodate "
        "isolate_page launder_folio launder_page migrate_folio migratepage prepare_write putback_page read_folio "
        "readahead readpage readpages release_folio releasepage set_page_dirty swap_activate swap_deactivate "
        "swap_rw sync_page write_begin write_end writepage writepages"
    ),
    "blk_holder_ops": "freeze mark_dead sync thaw",
    "block_device_operations": (
        "alternative_gpt_sector check_events check_media_change compat_ioctl devnode direct_access free_disk "
        "get_unique_id getgeo ioctl locked_ioctl media_changed open poll_bio release report_zones revalidate "
        "revalidate_disk rw_page set_capacity set_read_only submit_bio swap_slot_free_notify "
        "unlock_native_capacity unlocked_ioctl"
    ),
    "configfs_group_operations": (
        "commit_item disconnect_notify drop_item is_bin_visible is_visible make_group make_item"
    ),
    "configfs_item_operations": "allow_link drop_link release show_attribute store_attribute",
    "dax_holder_operations": "notify_failure",
    "dax_operations": "copy_from_iter copy_to_iter dax_supported direct_access flush recovery_write zero_page_range",
    "dentry_operations": (
        "d_automount d_compare d_delete d_dname d_hash d_init d_iput d_manage d_prune d_real d_release "
        "d_revalidate d_select_inode d_unalias_trylock d_unalias_unlock d_weak_revalidate"
    ),
    "dquot_operations": (
        "acquire_dquot alloc_block alloc_dquot alloc_inode alloc_space claim_space destroy_dquot drop free_block "
        "free_inode free_space get_inode_usage get_next_id get_projid get_reserved_space initialize mark_dirty "
        "release_dquot release_rsv reserve_space transfer write_dquot write_info"
    ),
    "export_operations": (
        "commit_blocks commit_metadata decode_fh encode_fh fetch_iversion fh_to_dentry fh_to_parent "
        "find_exported_dentry get_dentry get_name get_parent get_uuid map_blocks open permission"
    ),
    "file_lock_operations": "fl_copy_lock fl_insert fl_release_private fl_remove",
    "file_operations": (
        "aio_fsync aio_read aio_write check_flags clone_file_range compat_ioctl copy_file_range dedupe_file_range "
        "dir_notify fadvise fallocate fasync flock flush fsync get_unmapped_area ioctl iopoll iterate "
        "iterate_shared llseek lock mmap mmap_capabilities mmap_prepare mremap open poll read read_iter readdir "
        "readv release remap_file_range sendfile sendpage setlease show_fdinfo splice_eof splice_read "
        "splice_write unlocked_ioctl uring_cmd uring_cmd_iopoll write write_iter writev"
    ),
    "file_system_type": "get_sb init_fs_context kill_sb mount read_super",
    "fs_context_operations": "dup free get_tree parse_monolithic parse_param reconfigure",
    "fscache_cache_ops": (
        "acquire_volume alloc_object attr_changed begin_operation begin_read_operation check_consistency "
        "dissociate_pages drop_object free_volume grab_object invalidate_cookie invalidate_object lookup_complete "
        "lookup_cookie lookup_object pin_object prepare_to_write put_object reserve_space resize_cookie "
        "sync_cache uncache_page unpin_object update_object withdraw_cookie write_page"
    ),
    "fscrypt_operations": (
        "dummy_context empty_dir get_context get_devices get_dummy_context get_dummy_policy get_ino_and_lblk_bits "
        "get_num_devices has_stable_inodes is_encrypted key_prefix max_namelen prepare_context set_context"
    ),
    "fsnotify_ops": (
        "free_event free_event_priv free_group_priv free_mark freeing_mark handle_event handle_inode_event "
        "should_send_event"
    ),
    "fsverity_operations": (
        "begin_enable_verity end_enable_verity get_verity_descriptor read_merkle_tree_page readahead_merkle_tree "
        "write_merkle_tree_block"
    ),
    "inode_operations": (
        "atomic_open check_acl create dentry_open fallocate fiemap fileattr_get fileattr_set follow_link get_acl "
        "get_inode_acl get_link get_offset_ctx getattr getxattr link listxattr lookup mkdir mknod permission "
        "put_link readlink removexattr rename rename2 revalidate rmdir set_acl setattr setxattr symlink "
        "sync_lazytime tmpfile truncate truncate_range unlink update_time"
    ),
    "iomap_dio_ops": "end_io submit_io",
    "iomap_folio_ops": "get_folio iomap_valid put_folio",
    "iomap_ops": "iomap_begin iomap_end",
    "iomap_page_ops": "iomap_valid page_done page_prepare",
    "iomap_read_ops": "read_folio_range submit_read",
    "iomap_write_ops": "get_folio iomap_valid put_folio read_folio_range",
    "iomap_writeback_ops": "discard_folio discard_page map_blocks prepare_ioend writeback_range writeback_submit",
    "kernfs_ops": "llseek mmap open poll read release seq_next seq_show seq_start seq_stop write",
    "kernfs_syscall_ops": "mkdir remount_fs rename rmdir show_options show_path",
    "lease_manager_operations": (
        "lm_break lm_breaker_owns_lease lm_breaker_timedout lm_change lm_open_conflict lm_setup"
    ),
    "lock_manager_operations": (
        "fl_break fl_change fl_compare_owner fl_copy_lock fl_grant fl_mylease fl_notify fl_release_private "
        "lm_break lm_breaker_owns_lease lm_change lm_compare_owner lm_expire_lock lm_get_owner lm_grant "
        "lm_lock_expirable lm_notify lm_owner_key lm_put_owner lm_release_private lm_setup"
    ),
    "mm_walk_ops": (
        "hugetlb_entry install_pte p4d_entry pgd_entry pmd_entry post_vma pre_vma pte_entry pte_hole pud_entry "
        "test_walk"
    ),
    "mmu_notifier_ops": (
        "alloc_notifier arch_invalidate_secondary_tlbs change_pte clear_flush_young clear_young free_notifier "
        "invalidate_page invalidate_range invalidate_range_end invalidate_range_start release test_young"
    ),
    "movable_operations": "isolate_page migrate_page putback_page",
    "netfs_cache_ops": (
        "end_operation expand_readahead issue_write prepare_ondemand_read prepare_read prepare_write "
        "prepare_write_subreq query_occupancy read write"
    ),
    "netfs_read_request_ops": (
        "begin_cache_operation check_write_begin clamp_length cleanup done expand_readahead init_rreq "
        "is_cache_enabled is_still_valid issue_op"
    ),
    "netfs_request_ops": (
        "begin_cache_operation begin_writeback check_write_begin clamp_length cleanup create_write_requests done "
        "expand_readahead free_request free_subrequest init_request invalidate_cache is_still_valid issue_read "
        "issue_write post_modify prepare_read prepare_write retry_request update_i_size"
    ),
    "pipe_buf_operations": "confirm get map pin release steal try_steal unmap",
    "proc_ns_operations": "get get_parent install inum owner put",
    "proc_ops": (
        "proc_compat_ioctl proc_get_unmapped_area proc_ioctl proc_lseek proc_mmap proc_open proc_poll proc_read "
        "proc_read_iter proc_release proc_write"
    ),
    "quota_format_ops": (
        "check_quota_file commit_dqblk free_file_info get_next_id read_dqblk read_file_info release_dqblk "
        "write_file_info"
    ),
    "quotactl_ops": (
        "get_dqblk get_info get_nextdqblk get_state get_xquota get_xstate get_xstatev quota_disable quota_enable "
        "quota_off quota_on quota_on_meta quota_sync rm_xquota set_dqblk set_info set_xquota set_xstate"
    ),
    "seq_operations": "next show start stop",
    "super_operations": (
        "alloc_inode bdev_try_to_free_page clear_inode delete_inode destroy_inode dirty_inode drop_inode "
        "evict_inode free_cached_objects free_inode freeze_fs freeze_super get_dquots nr_cached_objects put_inode "
        "put_super quota_read quota_write read_inode remount_fs remove_bdev report_error show_devname "
        "show_options show_path show_stats shutdown statfs sync_fs thaw_super umount_begin unfreeze_fs unlockfs "
        "write_inode write_super write_super_lockfs"
    ),
    "sysfs_ops": "namespace show store",
    "vm_operations_struct": (
        "access close fault find_normal_page find_special_page get_policy huge_fault map_pages mapped may_split "
        "migrate mprotect mremap name nopage nopfn open page_mkwrite pagesize pfn_mkwrite pmd_fault populate "
        "remap_pages set_policy split"
    ),
    "xattr_handler": "get list set",
}
_IN_NO_HEADER = {"super_operations": "read_inode2"}  # of 2.4 after 2.4.0
OPS_OF = {struct: frozenset(f"{ops} {_IN_NO_HEADER.get(struct, '')}".split()) for struct, ops in _OPS.items()}
OP_NAMES = frozenset(op for ops in OPS_OF.values() for op in ops)
