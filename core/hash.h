/* Hashes of names: the same in every run, not against people who choose names. Pure. */
#ifndef HEALTHD_CORE_HASH_H
#define HEALTHD_CORE_HASH_H

#include <stdint.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
static inline uint64_t hash_of_text(const char *text)
{
    uint64_t hash = 14695981039346656037u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

/* Spreads the bits of VALUE over the whole word (the finaliser of SplitMix64; Steele, Lea, Flood,
 * OOPSLA 2014). */
static inline uint64_t hash_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

#endif
