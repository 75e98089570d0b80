

















































struct fscache_cache_ops {




 void (*acquire_volume)(struct fscache_volume *volume);


 void (*free_volume)(struct fscache_volume *volume);


 bool (*lookup_cookie)(struct fscache_cookie *cookie);


 void (*withdraw_cookie)(struct fscache_cookie *cookie);


 void (*resize_cookie)(struct netfs_cache_resources *cres, loff_t new_size);



 bool (*invalidate_cookie)(struct fscache_cookie *cookie);


 bool (*begin_operation)(struct netfs_cache_resources *cres, enum fscache_want_state want_state);



 void (*prepare_to_write)(struct fscache_cookie *cookie); };
