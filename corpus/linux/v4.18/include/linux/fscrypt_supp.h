























struct fscrypt_operations {


 int (*get_context)(struct inode *, void *, size_t);
 int (*set_context)(struct inode *, const void *, size_t, void *);
 bool (*dummy_context)(struct inode *);
 bool (*empty_dir)(struct inode *); };
