













struct proc_ns_operations {


 struct ns_common *(*get)(struct task_struct *task);
 void (*put)(struct ns_common *ns);
 int (*install)(struct nsproxy *nsproxy, struct ns_common *ns); };
