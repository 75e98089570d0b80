




















struct dax_operations {





 long (*direct_access)(struct dax_device *, pgoff_t, long, enum dax_access_mode, void **, unsigned long *);


 int (*zero_page_range)(struct dax_device *, pgoff_t, size_t);




 size_t (*recovery_write)(struct dax_device *dax_dev, pgoff_t pgoff, void *addr, size_t bytes, struct iov_iter *iter); };



struct dax_holder_operations {







 int (*notify_failure)(struct dax_device *dax_dev, u64 offset, u64 len, int mf_flags); };
