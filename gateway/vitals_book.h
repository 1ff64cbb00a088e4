/* The newest vital signs of each actor. */
#ifndef HEALTHD_GATEWAY_VITALS_BOOK_H
#define HEALTHD_GATEWAY_VITALS_BOOK_H

#include "proto/vitals.h"

/* Actors, at most; those beyond are not kept. */
#define VITALS_BOOK_MAX 64

/* Zero it to begin. */
typedef struct {
    vitals_t *of_actor[VITALS_BOOK_MAX]; /* in the order in which they were first heard of; owned */
    size_t n;
} vitals_book_t;

/* Keeps VITALS, which it takes, in place of what it had of that actor. */
void vitals_book_keep(vitals_book_t *self, vitals_t *vitals);

/* The value of the first sign METRIC of any actor; OTHERWISE where there is none. */
double vitals_book_value(const vitals_book_t *self, vital_metric_t metric, double otherwise);

void vitals_book_clear(vitals_book_t *self);

#endif
