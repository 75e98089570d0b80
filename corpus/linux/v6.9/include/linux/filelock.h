






























struct file_lock_operations {
 void (*fl_copy_lock)(struct file_lock *, struct file_lock *);
 void (*fl_release_private)(struct file_lock *); };


struct lock_manager_operations {

 fl_owner_t (*lm_get_owner)(fl_owner_t);
 void (*lm_put_owner)(fl_owner_t);
 void (*lm_notify)(struct file_lock *);
 int (*lm_grant)(struct file_lock *, int);
 bool (*lm_lock_expirable)(struct file_lock *cfl);
 void (*lm_expire_lock)(void); };


struct lease_manager_operations {
 bool (*lm_break)(struct file_lease *);
 int (*lm_change)(struct file_lease *, int, struct list_head *);
 void (*lm_setup)(struct file_lease *, void **);
 bool (*lm_breaker_owns_lease)(struct file_lease *); };
