




















struct dax_operations {





 long (*direct_access)(struct dax_device *, pgoff_t, long, enum dax_access_mode, void **, pfn_t *);





 bool (*dax_supported)(struct dax_device *, struct block_device *, int, sector_t, sector_t);


 int (*zero_page_range)(struct dax_device *, pgoff_t, size_t);




 size_t (*recovery_write)(struct dax_device *dax_dev, pgoff_t pgoff, void *addr, size_t bytes, struct iov_iter *iter); };
