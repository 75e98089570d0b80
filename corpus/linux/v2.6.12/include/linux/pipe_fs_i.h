












struct pipe_buf_operations {

 void * (*map)(struct file *, struct pipe_inode_info *, struct pipe_buffer *);
 void (*unmap)(struct pipe_inode_info *, struct pipe_buffer *);
 void (*release)(struct pipe_inode_info *, struct pipe_buffer *); };
