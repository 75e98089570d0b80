









struct dax_operations {





 long (*direct_access)(struct dax_device *, pgoff_t, long, void **, pfn_t *); };
