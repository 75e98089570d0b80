















struct dax_operations {





 long (*direct_access)(struct dax_device *, pgoff_t, long, void **, pfn_t *);





 bool (*dax_supported)(struct dax_device *, struct block_device *, int, sector_t, sector_t);


 size_t (*copy_from_iter)(struct dax_device *, pgoff_t, void *, size_t, struct iov_iter *);


 size_t (*copy_to_iter)(struct dax_device *, pgoff_t, void *, size_t, struct iov_iter *);


 int (*zero_page_range)(struct dax_device *, pgoff_t, size_t); };
