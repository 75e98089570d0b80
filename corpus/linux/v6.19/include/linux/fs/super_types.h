
















































































struct super_operations {
 struct inode *(*alloc_inode)(struct super_block *sb);
 void (*destroy_inode)(struct inode *inode);
 void (*free_inode)(struct inode *inode);
 void (*dirty_inode)(struct inode *inode, int flags);
 int (*write_inode)(struct inode *inode, struct writeback_control *wbc);
 int (*drop_inode)(struct inode *inode);
 void (*evict_inode)(struct inode *inode);
 void (*put_super)(struct super_block *sb);
 int (*sync_fs)(struct super_block *sb, int wait);
 int (*freeze_super)(struct super_block *sb, enum freeze_holder who, const void *owner);

 int (*freeze_fs)(struct super_block *sb);
 int (*thaw_super)(struct super_block *sb, enum freeze_holder who, const void *owner);

 int (*unfreeze_fs)(struct super_block *sb);
 int (*statfs)(struct dentry *dentry, struct kstatfs *kstatfs);
 int (*remount_fs) (struct super_block *, int *, char *);
 void (*umount_begin)(struct super_block *sb);

 int (*show_options)(struct seq_file *seq, struct dentry *dentry);
 int (*show_devname)(struct seq_file *seq, struct dentry *dentry);
 int (*show_path)(struct seq_file *seq, struct dentry *dentry);
 int (*show_stats)(struct seq_file *seq, struct dentry *dentry);
#ifdef CONFIG_QUOTA
 ssize_t (*quota_read)(struct super_block *sb, int type, char *data, size_t len, loff_t off);

 ssize_t (*quota_write)(struct super_block *sb, int type, const char *data, size_t len, loff_t off);

 struct dquot __rcu **(*get_dquots)(struct inode *inode);
#endif
 long (*nr_cached_objects)(struct super_block *sb, struct shrink_control *sc);

 long (*free_cached_objects)(struct super_block *sb, struct shrink_control *sc);









 int (*remove_bdev)(struct super_block *sb, struct block_device *bdev);
 void (*shutdown)(struct super_block *sb); };
