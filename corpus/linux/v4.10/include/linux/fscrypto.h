





















































































struct fscrypt_operations {

 int (*get_context)(struct inode *, void *, size_t);
 int (*key_prefix)(struct inode *, u8 **);
 int (*prepare_context)(struct inode *);
 int (*set_context)(struct inode *, const void *, size_t, void *);
 int (*dummy_context)(struct inode *);
 bool (*is_encrypted)(struct inode *);
 bool (*empty_dir)(struct inode *);
 unsigned (*max_namelen)(struct inode *); };
