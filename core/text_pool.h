/* Texts of which each is kept once, however often it is met. Pure. */
#ifndef HEALTHD_CORE_TEXT_POOL_H
#define HEALTHD_CORE_TEXT_POOL_H

typedef struct text_pool text_pool_t;

/* NULL: out of memory. */
text_pool_t *text_pool_new(void);

/* Frees the pool and its texts. */
void text_pool_destroy(text_pool_t **self);

/* Takes TEXT (sets it to NULL) and gives the kept one that reads the same, which lives as long as
 * the pool. NULL where memory ran out. O(length). */
const char *text_pool_keep(text_pool_t *self, char **text);

#endif
