#include "gateway/vitals_book.h"

#include <string.h>

void vitals_book_keep(vitals_book_t *self, vitals_t *vitals)
{
    size_t at = 0;
    while (at < self->n && strcmp(self->of_actor[at]->actor, vitals->actor) != 0)
        at++;
    if (at == VITALS_BOOK_MAX) {
        vitals_destroy(&vitals);
        return;
    }
    if (at < self->n)
        vitals_destroy(&self->of_actor[at]);
    else
        self->n++;
    self->of_actor[at] = vitals;
}

double vitals_book_value(const vitals_book_t *self, vital_metric_t metric, double otherwise)
{
    for (size_t i = 0; i < self->n; i++)
        for (size_t j = 0; j < self->of_actor[i]->n_signs; j++)
            if (self->of_actor[i]->signs[j].metric == (int)metric)
                return self->of_actor[i]->signs[j].value;
    return otherwise;
}

void vitals_book_clear(vitals_book_t *self)
{
    for (size_t i = 0; i < self->n; i++)
        vitals_destroy(&self->of_actor[i]);
    self->n = 0;
}
