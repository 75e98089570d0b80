

























































struct fscrypt_operations {


 int (*get_context)(struct inode *inode, void *ctx, size_t len);
 int (*set_context)(struct inode *inode, const void *ctx, size_t len, void *fs_data);

 const union fscrypt_context *(*get_dummy_context)( struct super_block *sb);

 bool (*empty_dir)(struct inode *inode);

 bool (*has_stable_inodes)(struct super_block *sb);
 void (*get_ino_and_lblk_bits)(struct super_block *sb, int *ino_bits_ret, int *lblk_bits_ret); };
