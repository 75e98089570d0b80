





































struct xattr_handler {


 size_t (*list)(struct dentry *dentry, char *list, size_t list_size, const char *name, size_t name_len, int handler_flags);

 int (*get)(struct dentry *dentry, const char *name, void *buffer, size_t size, int handler_flags);

 int (*set)(struct dentry *dentry, const char *name, const void *buffer, size_t size, int flags, int handler_flags); };
