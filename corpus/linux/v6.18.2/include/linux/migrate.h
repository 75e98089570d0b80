










































struct movable_operations {
 bool (*isolate_page)(struct page *, isolate_mode_t);
 int (*migrate_page)(struct page *dst, struct page *src, enum migrate_mode);

 void (*putback_page)(struct page *); };
