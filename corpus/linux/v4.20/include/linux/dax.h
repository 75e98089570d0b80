












struct dax_operations {





 long (*direct_access)(struct dax_device *, pgoff_t, long, void **, pfn_t *);


 size_t (*copy_from_iter)(struct dax_device *, pgoff_t, void *, size_t, struct iov_iter *);


 size_t (*copy_to_iter)(struct dax_device *, pgoff_t, void *, size_t, struct iov_iter *); };
