





































struct xattr_handler {

 size_t (*list)(struct inode *inode, char *list, size_t list_size, const char *name, size_t name_len);

 int (*get)(struct inode *inode, const char *name, void *buffer, size_t size);

 int (*set)(struct inode *inode, const char *name, const void *buffer, size_t size, int flags); };
