








struct proc_ns_operations {


 void *(*get)(struct task_struct *task);
 void (*put)(void *ns);
 int (*install)(struct nsproxy *nsproxy, void *ns);
 unsigned int (*inum)(void *ns); };
