





























struct pipe_buf_operations {

 void * (*map)(struct pipe_inode_info *, struct pipe_buffer *, int);
 void (*unmap)(struct pipe_inode_info *, struct pipe_buffer *, void *);
 int (*pin)(struct pipe_inode_info *, struct pipe_buffer *);
 void (*release)(struct pipe_inode_info *, struct pipe_buffer *);
 int (*steal)(struct pipe_inode_info *, struct pipe_buffer *);
 void (*get)(struct pipe_inode_info *, struct pipe_buffer *); };
