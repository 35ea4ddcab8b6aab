/* Texts as codes, as bytes in one piece, and as hashes: see `span_codes.py`, `text_reader.py`, `word_hashing.py`. */

#include "lepton.h"

#define WORD 8

/* The bytes of a text of at most eight; eight can be read. */
static inline uint64_t short_word(const uint8_t *text, int64_t size) {
    return size == WORD ? word_at(text) : low_bytes(word_at(text), size);
}

static inline uint64_t folded(uint64_t one, uint64_t other) {
    const wide product = (wide)one * other;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A hash by which a text is looked up; whoever does not know `seed` cannot make texts that share one. */
static inline uint64_t hash_of(const uint8_t *text, int64_t size, uint64_t seed) {
    uint64_t hash = (uint64_t)size * UINT64_C(0x9E3779B97F4A7C15) ^ seed;
    for (; size > WORD; size -= WORD, text += WORD) hash = folded(hash ^ word_at(text), seed | 1);
    hash = folded(hash ^ short_word(text, size), seed | 1);
    return folded(hash, UINT64_C(0x9E3779B97F4A7C15));
}

static inline int are_same(const uint8_t *one, const uint8_t *other, int64_t size) {
    return size <= WORD ? short_word(one, size) == short_word(other, size) : memcmp(one, other, (size_t)size) == 0;
}

/* The codes of m cells, of which eight bytes can be read, and as many behind all `octets`. Text c is `octets[offsets[c]:offsets[c + 1]]`; new ones are put behind the `*known` of them.
   `slots` are `mask` + 1, each 0 or one more than a code. Returns how many cells were done before there was no room
   left: for a text in `offsets` or `octets`, or for it in three quarters of the slots. */
int64_t lepton_codes(const uint8_t *text, const int32_t *starts, const int32_t *ends, int64_t m, uint64_t seed,
                     int32_t *slots, uint64_t mask, uint64_t *hashes, int64_t *offsets, int64_t codes_room,
                     uint8_t *octets, int64_t octets_room, int64_t *known, int32_t *codes) {
    for (int64_t i = 0; i < m; i++) {
        const uint8_t *const cell = text + starts[i];
        const int64_t size = ends[i] - starts[i];
        const uint64_t hash = hash_of(cell, size, seed);
        uint64_t slot = hash & mask;
        int32_t code;
        while ((code = slots[slot] - 1) >= 0) {
            const int64_t at = offsets[code];
            if (hashes[code] == hash && offsets[code + 1] - at == size && are_same(octets + at, cell, size))
                break;
            slot = (slot + 1) & mask;
        }
        if (code < 0) {
            const int64_t at = offsets[*known];
            if (*known == codes_room || octets_room - at < size || (uint64_t)(*known + 1) * 4 > (mask + 1) * 3)
                return i;
            code = (int32_t)(*known)++;
            memcpy(octets + at, cell, (size_t)size);
            offsets[code + 1] = at + size;
            hashes[code] = hash;
            slots[slot] = code + 1;
        }
        codes[i] = code;
    }
    return m;
}

/* Puts the codes of `known` texts into empty `slots`. */
void lepton_place(const uint64_t *hashes, int64_t known, int32_t *slots, uint64_t mask) {
    for (int64_t code = 0; code < known; code++) {
        uint64_t slot = hashes[code] & mask;
        while (slots[slot]) slot = (slot + 1) & mask;
        slots[slot] = (int32_t)code + 1;
    }
}

/* The bytes of m cells one behind the other, of two `quote`s in a `doubled` cell the first; nothing of those that are
   `gone`. `offsets` (m + 1) are where they begin. There is room for all. */
void lepton_join(const uint8_t *text, const int32_t *starts, const int32_t *ends, int64_t m, const uint8_t *gone,
                 const uint8_t *doubled, uint8_t quote, uint8_t *octets, int64_t *offsets) {
    int64_t at = 0;
    for (int64_t i = 0; i < m; i++) {
        offsets[i] = at;
        if (gone[i]) continue;
        if (doubled != NULL && doubled[i]) {
            for (int32_t place = starts[i]; place < ends[i]; place++) {
                octets[at++] = text[place];
                place += text[place] == quote;
            }
        } else {
            const int64_t size = ends[i] - starts[i];
            memcpy(octets + at, text + starts[i], (size_t)size);
            at += size;
        }
    }
    offsets[m] = at;
}

/* Sets `gone` of each of m cells that is empty, or at most eight bytes long and one of `count` words. Returns how many
   of the others begin or end with a byte beyond ASCII. */
int64_t lepton_absent(const uint8_t *text, const int32_t *starts, const int32_t *ends, int64_t m, const uint64_t *words,
                   int64_t count, uint8_t *gone) {
    uint8_t begins[256] = {0};
    for (int64_t k = 0; k < count; k++) begins[words[k] & 255] = 1;
    int64_t others = 0;
    for (int64_t i = 0; i < m; i++) {
        const int64_t size = ends[i] - starts[i];
        gone[i] = size <= 0;
        if (size <= 0) continue;
        others += (text[starts[i]] | text[ends[i] - 1]) >> 7;
        if (size > WORD || !begins[text[starts[i]]]) continue;
        const uint64_t word = short_word(text + starts[i], size);
        for (int64_t k = 0; k < count; k++) gone[i] |= words[k] == word;
    }
    return others;
}

static inline uint64_t stepped(uint64_t hash) {
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ (hash >> 32);
}

/* The `word_hashes` of the m texts `octets[offsets[i]:offsets[i + 1]]`. Returns how many have more than `most` bytes. */
int64_t lepton_word_hashes(const uint8_t *octets, const int64_t *offsets, int64_t m, int64_t most, uint64_t *hashes) {
    const int64_t end = offsets[m];
    int64_t longer = 0;
    for (int64_t i = 0; i < m; i++) {
        int64_t at = offsets[i], left = offsets[i + 1] - at;
        uint64_t hash = (uint64_t)left * UINT64_C(0x9E3779B97F4A7C15), last = 0;
        longer += left > most;
        for (; left >= WORD; left -= WORD, at += WORD) hash = stepped(hash ^ word_at(octets + at));
        if (end - at >= WORD)
            last = low_bytes(word_at(octets + at), left);
        else
            for (int64_t k = 0; k < left; k++) last |= (uint64_t)octets[at + k] << (8 * k);
        hashes[i] = stepped(hash ^ last);
    }
    return longer;
}

/* The bits of m numbers; both zeros have the same ones, and so has every NaN. */
void lepton_number_hashes(const double *values, int64_t m, uint64_t *hashes) {
    for (int64_t i = 0; i < m; i++) {
        const double value = values[i] + 0.0;
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        hashes[i] = value == value ? bits : UINT64_C(0x7FF8000000000000);
    }
}

/* Makes each bit of the hashes depend on each, as `mix` does. */
void lepton_scramble(uint64_t *hashes, int64_t m) {
    for (int64_t i = 0; i < m; i++) hashes[i] = scrambled(hashes[i]);
}

/* Mixes the hashes of the cells of a column, (m,), into those of their rows, as `row_hashes` does. */
void lepton_mix(uint64_t *rows, const uint64_t *cells, int64_t m) {
    for (int64_t i = 0; i < m; i++) rows[i] = scrambled((rows[i] + UINT64_C(0x9E3779B97F4A7C15)) ^ cells[i]);
}
