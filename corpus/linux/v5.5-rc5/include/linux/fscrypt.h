






















































struct fscrypt_operations {


 int (*get_context)(struct inode *, void *, size_t);
 int (*set_context)(struct inode *, const void *, size_t, void *);
 bool (*dummy_context)(struct inode *);
 bool (*empty_dir)(struct inode *);

 bool (*has_stable_inodes)(struct super_block *sb);
 void (*get_ino_and_lblk_bits)(struct super_block *sb, int *ino_bits_ret, int *lblk_bits_ret); };
