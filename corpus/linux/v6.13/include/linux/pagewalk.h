


































































struct mm_walk_ops {
 int (*pgd_entry)(pgd_t *pgd, unsigned long addr, unsigned long next, struct mm_walk *walk);

 int (*p4d_entry)(p4d_t *p4d, unsigned long addr, unsigned long next, struct mm_walk *walk);

 int (*pud_entry)(pud_t *pud, unsigned long addr, unsigned long next, struct mm_walk *walk);

 int (*pmd_entry)(pmd_t *pmd, unsigned long addr, unsigned long next, struct mm_walk *walk);

 int (*pte_entry)(pte_t *pte, unsigned long addr, unsigned long next, struct mm_walk *walk);

 int (*pte_hole)(unsigned long addr, unsigned long next, int depth, struct mm_walk *walk);

 int (*hugetlb_entry)(pte_t *pte, unsigned long hmask, unsigned long addr, unsigned long next, struct mm_walk *walk);


 int (*test_walk)(unsigned long addr, unsigned long next, struct mm_walk *walk);

 int (*pre_vma)(unsigned long start, unsigned long end, struct mm_walk *walk);

 void (*post_vma)(struct mm_walk *walk);
 int (*install_pte)(unsigned long addr, unsigned long next, pte_t *ptep, struct mm_walk *walk); };
