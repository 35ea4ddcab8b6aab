/* The rows of a block of a text file, if nothing is wrong in any of them: see `splitting.py`. */

#include "lepton.h"

/* The first place from `at` on, before `end`, where one of the three signs stands; else `end`.
   Fifteen bytes behind `end` can be read. */
static int64_t find(const uint8_t *text, int64_t at, int64_t end, uint8_t first, uint8_t second, uint8_t third);

#ifdef __SSE2__
#include <emmintrin.h>

static inline int64_t find(const uint8_t *text, int64_t at, int64_t end, uint8_t first, uint8_t second, uint8_t third) {
    const __m128i one = _mm_set1_epi8((char)first), two = _mm_set1_epi8((char)second);
    const __m128i three = _mm_set1_epi8((char)third);
    for (; at < end; at += 16) {
        const __m128i octets = _mm_loadu_si128((const __m128i *)(text + at));
        __m128i found = _mm_or_si128(_mm_cmpeq_epi8(octets, one), _mm_cmpeq_epi8(octets, two));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(octets, three));
        const int marks = _mm_movemask_epi8(found);
        if (marks) {
            at += __builtin_ctz((unsigned)marks);
            return at < end ? at : end;
        }
    }
    return end;
}
#else
#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Marks bytes that are zero. Above the lowest one others may be marked that are not. */
static inline uint64_t zeros(uint64_t word) { return (word - ONES) & ~word & HIGHS; }

static inline int64_t find(const uint8_t *text, int64_t at, int64_t end, uint8_t first, uint8_t second, uint8_t third) {
    const uint64_t one = ONES * first, two = ONES * second, three = ONES * third;
    for (; at < end; at += 8) {
        const uint64_t word = word_at(text + at);
        const uint64_t found = zeros(word ^ one) | zeros(word ^ two) | zeros(word ^ three);
        if (found) {
            at += __builtin_ctzll(found) >> 3;
            return at < end ? at : end;
        }
    }
    return end;
}
#endif

/* What `sources.py` says of the files that this was compiled from. */
uint64_t lepton_sources(void) { return LEPTON_SOURCES; }

/* What `signatures.py` says of the functions, and of how this was compiled. */
uint64_t lepton_interface(void) { return LEPTON_INTERFACE; }

/* How many line feeds there are. */
int64_t lepton_lines(const uint8_t *text, int64_t begin, int64_t end) {
    int64_t lines = 0;
    while (begin < end) {
        const int64_t stop = end - begin < 255 ? end : begin + 255;
        uint8_t some = 0; /* at most 255: so many are counted at once */
        for (; begin < stop; begin++) some += text[begin] == '\n';
        lines += some;
    }
    return lines;
}

/* Fills column after column, (width, room) each, with where cells start and end in `text[begin:end]`, and with whether
   they hold doubled quotes. `quote` is negative if there are no quotes. Returns how many rows there are before the first
   one that is not whole, or not as it should be, and in `read` the place where that begins. */
int64_t lepton_split(const uint8_t *text, int64_t begin, int64_t end, uint8_t delimiter, int32_t quote, int64_t width,
                     int64_t room, int32_t *starts, int32_t *ends, uint8_t *doubled, int64_t *read) {
    const uint8_t third = quote < 0 ? '\n' : (uint8_t)quote;
    int64_t rows = 0, at = begin;
    *read = begin;
    while (at < end) {
        if (text[at] == '\n' || (text[at] == '\r' && at + 1 < end && text[at + 1] == '\n')) {
            at += text[at] == '\n' ? 1 : 2;
            *read = at;
            continue;
        }
        if (rows == room) return rows; /* what is left has no line feed */
        for (int64_t column = 0;; column++) {
            if (column == width) return rows;
            const int64_t out = column * room + rows;
            int64_t start = at, stop;
            uint8_t twice = 0;
            if (quote >= 0 && at < end && text[at] == quote) {
                start = stop = at + 1;
                for (;;) {
                    const uint8_t *found = memchr(text + stop, quote, (size_t)(end - stop));
                    if (found == NULL) return rows;
                    stop = found - text;
                    if (stop + 1 == end) return rows;
                    if (text[stop + 1] != quote) break;
                    twice = 1;
                    stop += 2;
                }
                at = stop + 1;
                if (text[at] == '\r') {
                    if (at + 1 == end) return rows;
                    if (text[++at] != '\n') return rows;
                }
            } else {
                at = find(text, at, end, delimiter, '\n', third);
                if (at == end) return rows;
                stop = at;
                if (text[at] == '\n' && stop > start && text[stop - 1] == '\r') stop--;
            }
            starts[out] = (int32_t)start;
            ends[out] = (int32_t)stop;
            if (quote >= 0) doubled[out] = twice;
            const uint8_t sign = text[at++];
            if (sign == '\n') {
                if (column + 1 != width) return rows;
                break;
            }
            if (sign != delimiter) return rows;
        }
        rows++;
        *read = at;
    }
    return rows;
}

/* Moves the places of m cells so that no blanks of ASCII stand around them; returns how many were moved. If that is
   none, as in most columns, nothing is written. */
int64_t lepton_strip(const uint8_t *text, const int32_t *starts, const int32_t *ends, int64_t m, int32_t *new_starts,
                     int32_t *new_ends) {
    int64_t first = 0, moved = 0;
    while (first < m && (starts[first] >= ends[first] ||
                         !(is_blank(text[starts[first]]) || is_blank(text[ends[first] - 1])))) first++;
    if (first == m) return 0;
    for (int64_t i = 0; i < m; i++) {
        int32_t start = starts[i], end = ends[i];
        while (start < end && is_blank(text[start])) start++;
        while (start < end && is_blank(text[end - 1])) end--;
        moved += start != starts[i] || end != ends[i];
        new_starts[i] = start;
        new_ends[i] = end;
    }
    return moved;
}
