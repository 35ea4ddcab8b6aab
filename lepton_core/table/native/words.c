/* The words of texts of ASCII, counted and looked up: see `preprocess/hashed.py` and `kinds/text_bins.py`. */

#include <stdlib.h>

#include "lepton.h"

#define ASCII 128
#define FEW 24
#define BASE UINT64_C(0x9E3779B97F4A7C15)

static int compared(const void *one, const void *other) {
    const int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static void sort(int64_t *keys, int64_t count) {
    if (count > FEW) {
        qsort(keys, (size_t)count, sizeof *keys, compared);
        return;
    }
    for (int64_t i = 1; i < count; i++) {
        const int64_t key = keys[i];
        int64_t at = i;
        for (; at > 0 && keys[at - 1] > key; at--) keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

/* The place of a word by its hash, and behind it the bit that says its sign. */
static inline int64_t key_of(uint64_t hash, uint64_t places, int is_mask) {
    const uint64_t place = is_mask ? hash & (places - 1) : hash % places;
    return (int64_t)(place << 1 | hash >> 63);
}

/* The signed counts of the words of the m texts `octets[offsets[i]:offsets[i + 1]]`, and of `pairs` of words: of each
   its row, its place and its count, those of a row by place, without those that are 0. Each of the letters of ASCII has
   a hash in `letters`, and whether it belongs to a word in `inside`. Returns how many there are; -1 if there is a
   letter beyond ASCII. There is room for as many as there are words and pairs. */
int64_t lepton_word_counts(const uint8_t *octets, const int64_t *offsets, int64_t m, const uint64_t *letters,
                           const uint8_t *inside, uint64_t places, uint8_t pairs, int64_t *rows, int64_t *at,
                           double *counts) {
    const int is_mask = (places & (places - 1)) == 0;
    int64_t done = 0;
    for (int64_t i = 0; i < m; i++) {
        uint64_t hash = 0, power = 1, before = 0;
        int64_t count = 0, words = 0;
        int64_t *const keys = at + done;
        for (int64_t place = offsets[i]; place <= offsets[i + 1]; place++) {
            if (place < offsets[i + 1]) {
                const uint8_t octet = octets[place];
                if (octet >= ASCII) return -1;
                if (inside[octet]) {
                    hash += letters[octet] * power;
                    power *= BASE; /* the first one after 1 that is 1 again is the 2^62nd */
                    continue;
                }
            }
            if (power == 1) continue;
            hash = scrambled(hash);
            keys[count++] = key_of(hash, places, is_mask);
            if (pairs && words++) keys[count++] = key_of(scrambled(before * BASE + hash), places, is_mask);
            before = hash;
            hash = 0;
            power = 1;
        }
        sort(keys, count);
        for (int64_t k = 0; k < count;) {
            const int64_t place = keys[k] >> 1;
            int64_t sum = 0;
            for (; k < count && keys[k] >> 1 == place; k++) sum += 1 - 2 * (keys[k] & 1);
            if (!sum) continue;
            rows[done] = i;
            at[done] = place; /* it stands before `keys[k]` */
            counts[done++] = (double)sum;
        }
    }
    return done;
}

/* Of each of m texts the least of the `numbers` of its words, 1 if it has none or none of them is known: `checksums`
   are those of the `count` known words, rising. Of each text the first `most` letters are read. Returns 0; -1 if there
   is a letter beyond ASCII. */
int64_t lepton_least_numbers(const uint8_t *octets, const int64_t *offsets, int64_t m, int64_t most,
                             const uint32_t *checksums, const int64_t *numbers, int64_t count, int64_t *least) {
    uint32_t crc[256];
    uint8_t lower[256] = {0};
    int64_t begins[257] = {0};
    for (uint32_t octet = 0; octet < 256; octet++) {
        uint32_t sum = octet;
        for (int bit = 0; bit < 8; bit++) sum = sum & 1 ? sum >> 1 ^ UINT32_C(0xEDB88320) : sum >> 1;
        crc[octet] = sum;
    }
    for (uint8_t letter = '0'; letter <= '9'; letter++) lower[letter] = letter;
    for (uint8_t letter = 'a'; letter <= 'z'; letter++) lower[letter] = lower[letter - 32] = letter;
    lower['_'] = '_';
    for (int64_t k = 0; k < count; k++) begins[(checksums[k] >> 24) + 1] = k + 1;
    for (int64_t high = 1; high <= 256; high++)
        if (begins[high] < begins[high - 1]) begins[high] = begins[high - 1];
    for (int64_t i = 0; i < m; i++) {
        const int64_t last = offsets[i + 1], end = last - offsets[i] > most ? offsets[i] + most : last;
        uint32_t sum = UINT32_C(0xFFFFFFFF);
        int64_t found = 1;
        int open = 0;
        for (int64_t place = offsets[i]; place <= end; place++) {
            if (place < end) {
                const uint8_t octet = octets[place];
                if (octet >= ASCII) return -1;
                if (lower[octet]) {
                    sum = sum >> 8 ^ crc[(sum ^ lower[octet]) & 255];
                    open = 1;
                    continue;
                }
            }
            if (!open) continue;
            sum = ~sum;
            for (int64_t k = begins[sum >> 24]; k < begins[(sum >> 24) + 1]; k++)
                if (checksums[k] == sum && numbers[k] < found) found = numbers[k];
            sum = UINT32_C(0xFFFFFFFF);
            open = 0;
        }
        for (int64_t place = end; place < last; place++)
            if (octets[place] >= ASCII) return -1;
        least[i] = found;
    }
    return 0;
}
