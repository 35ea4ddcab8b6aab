/* What all compiled files share. Each function here has a twin in numpy or Python, which is what it must equal. */

#ifndef LEPTON_H
#define LEPTON_H

#include <stdint.h>
#include <string.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || !defined(__SIZEOF_INT128__)
#error "little-endian numbers and integers of 128 bits are needed; without them files are read by numpy"
#endif

typedef unsigned __int128 wide;

/* The eight bytes from `at` on. */
static inline uint64_t word_at(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* The lowest `count` bytes of a word, fewer than eight. */
static inline uint64_t low_bytes(uint64_t word, int64_t count) {
    return word & ((UINT64_C(1) << (8 * count)) - 1);
}

/* The mixer of splitmix64, variant 13 of Stafford. */
static inline uint64_t scrambled(uint64_t hash) {
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94D049BB133111EB);
    return hash ^ (hash >> 31);
}

/* A blank of ASCII, as `str.strip` knows them. */
static inline int is_blank(uint8_t octet) {
    return octet <= 32 && ((octet >= 9 && octet <= 13) || octet >= 28);
}

#endif
