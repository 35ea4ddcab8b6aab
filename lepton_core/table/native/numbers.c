/* Plain numbers and dates of ISO 8601 from their bytes: see `span_numbers.py` and `many_dates.py`. */

#include <math.h>

#include "lepton.h"

#define MOST_DIGITS 19
#define MOST_WHOLE 16
#define MOST_DECIMALS 22
#define EXACT (UINT64_C(1) << 53)

static const double TENS[MOST_DECIMALS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const uint64_t FIVES[MOST_DECIMALS + 1] = {
    1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625, 1220703125, 6103515625,
    30517578125, 152587890625, 762939453125, 3814697265625, 19073486328125, 95367431640625, 476837158203125,
    2384185791015625};

static double power_of_two(int exponent) {
    const uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

/* 2^(63 + n) / 5^b without its fraction, n the bits of 5^b; b is not 0. */
static const uint64_t OVER_FIVES[MOST_DECIMALS + 1] = {
    0, 0xCCCCCCCCCCCCCCCC, 0xA3D70A3D70A3D70A, 0x83126E978D4FDF3B, 0xD1B71758E219652B, 0xA7C5AC471B478423,
    0x8637BD05AF6C69B5, 0xD6BF94D5E57A42BC, 0xABCC77118461CEFC, 0x89705F4136B4A597, 0xDBE6FECEBDEDD5BE,
    0xAFEBFF0BCB24AAFE, 0x8CBCCC096F5088CB, 0xE12E13424BB40E13, 0xB424DC35095CD80F, 0x901D7CF73AB0ACD9,
    0xE69594BEC44DE15B, 0xB877AA3236A4B449, 0x9392EE8E921D5D07, 0xEC1E4A7DB69561A5, 0xBCE5086492111AEA,
    0x971DA05074DA7BEE, 0xF1C90080BAF72CB1};

/* mantissa / 10^decimals, rounded to the nearest float64, the even one of two.

   10^b = 5^b 2^b, so 64 bits of mantissa / 5^b are wanted. A product with the reciprocal gives them, or one less, and
   that makes a difference only next to the middle of two float64; there the whole quotient and its rest decide. */
static double quotient(uint64_t mantissa, int decimals) {
    if (decimals == 0) return (double)mantissa;
    const int up = __builtin_clzll(mantissa), down = __builtin_clzll(FIVES[decimals]);
    mantissa <<= up;
    uint64_t found = (uint64_t)(((wide)mantissa * OVER_FIVES[decimals]) >> 64);
    int has_rest = 1;
    int spare = 11 - __builtin_clzll(found); /* bits beyond the 53 of a float64 */
    uint64_t half = UINT64_C(1) << (spare - 1), left = found & (2 * half - 1);
    if (left == half || left == half - 1) {
        const wide dividend = (wide)mantissa << 63;
        const uint64_t divisor = FIVES[decimals] << down;
        found = (uint64_t)(dividend / divisor);
        has_rest = (wide)found * divisor != dividend;
        spare = 11 - __builtin_clzll(found);
        half = UINT64_C(1) << (spare - 1);
        left = found & (2 * half - 1);
    }
    uint64_t kept = found >> spare;
    kept += left > half || (left == half && (has_rest || (kept & 1)));
    return (double)kept * power_of_two(spare + down - up - 63 - decimals);
}

/* The number that eight digits are; negative if one is none. */
static inline int64_t eight_digits(uint64_t word) {
    word ^= UINT64_C(0x3030303030303030);
    if ((word | (word + UINT64_C(0x7676767676767676))) & UINT64_C(0x8080808080808080)) return -1;
    word = (word * 10 + (word >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    word = (word * 100 + (word >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    return (int64_t)((word * 10000 + (word >> 32)) & UINT64_C(0xFFFFFFFF));
}

/* Reads digits into the number, modulo 2^64; where they end. */
static inline const uint8_t *digits_from(const uint8_t *at, const uint8_t *end, uint64_t *number) {
    uint64_t value = *number;
    int64_t eight;
    while (end - at >= 8 && (eight = eight_digits(word_at(at))) >= 0) {
        value = value * 100000000 + (uint64_t)eight;
        at += 8;
    }
    for (uint8_t digit; at < end && (digit = (uint8_t)(*at - '0')) < 10; at++) value = value * 10 + digit;
    *number = value;
    return at;
}

/* The bytes of a number: its digits without the point, and how many of them are before and behind it. */
typedef struct {
    uint64_t mantissa;
    int64_t whole, decimals;
    int has_point;
} parts;

#define ZEROS UINT64_C(0x3030303030303030)

/* The place of the point among the eight bytes; 8 if there is none. */
static inline int point_in(uint64_t word, uint8_t point) {
    word ^= UINT64_C(0x0101010101010101) * point;
    const uint64_t found = (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
    return found ? __builtin_ctzll(found) >> 3 : 8;
}

/* The parts of the `size` bytes before `end`, from one to sixteen; 0 if there are other signs among them. Sixteen bytes
   before `end` can be read. */
static inline int few_parts(const uint8_t *end, int64_t size, uint8_t point, parts *found) {
    uint64_t low = word_at(end - 8), high = ZEROS; /* the last eight bytes, and those before them */
    if (size <= 8) {
        const int64_t gone = 8 * (8 - size);
        low = ((low >> gone) << gone) | (ZEROS & ((UINT64_C(1) << gone) - 1));
    } else {
        const int64_t gone = 8 * (16 - size);
        high = word_at(end - 16);
        high = ((high >> gone) << gone) | (ZEROS & ((UINT64_C(1) << gone) - 1));
    }
    int place = point_in(low, point), behind = 0;
    if (place < 8) { /* what is before the point moves up by a byte */
        const int bits = 8 * place;
        behind = 8 - place;
        low = (((low >> bits >> 8) << 8) << bits) | ((low & ((UINT64_C(1) << bits) - 1)) << 8) | (high >> 56);
        high = high << 8 | '0';
    } else if (size > 8 && (place = point_in(high, point)) < 8) {
        const int bits = 8 * place;
        behind = 16 - place;
        high = (((high >> bits >> 8) << 8) << bits) | ((high & ((UINT64_C(1) << bits) - 1)) << 8) | '0';
    }
    int64_t last = eight_digits(low), first = size > 8 ? eight_digits(high) : 0;
    if (last < 0 || first < 0) return 0;
    found->mantissa = (uint64_t)first * 100000000 + (uint64_t)last;
    found->has_point = behind > 0;
    found->decimals = behind - found->has_point;
    found->whole = size - behind;
    return 1;
}

/* The parts of any number of bytes; 0 if there are other signs among them, or more digits than count. */
static int many_parts(const uint8_t *at, const uint8_t *end, uint8_t point, parts *found) {
    const uint8_t *const first = at;
    int64_t leading = 0;
    found->mantissa = 0;
    at = digits_from(at, end, &found->mantissa);
    found->whole = at - first;
    found->decimals = 0;
    found->has_point = at < end && *at == point;
    if (found->has_point) {
        const uint8_t *const begin = ++at;
        if (found->mantissa == 0)
            while (at < end && *at == '0') at++;
        leading = at - begin;
        at = digits_from(at, end, &found->mantissa);
        found->decimals = at - begin;
    }
    return at == end && found->whole + found->decimals - leading <= MOST_DIGITS;
}

/* The number from `at` to `end`, which is not empty; 0 if it is not plain. */
static inline int plain(const uint8_t *at, const uint8_t *end, uint8_t point, double *value) {
    const int minus = *at == '-';
    at += minus || *at == '+';
    if (at == end) return 0;
    parts found;
    if (end - at <= 16 ? !few_parts(end, end - at, point, &found) : !many_parts(at, end, point, &found)) return 0;
    if (found.whole + found.decimals == 0 || found.whole > MOST_WHOLE || found.decimals > MOST_DECIMALS) return 0;
    if (found.whole > 1 && *at == '0') return 0;
    if (point == ',' && found.has_point && found.decimals == 0) return 0;
    if (found.mantissa <= EXACT)
        *value = (double)found.mantissa / TENS[found.decimals];
    else if (!found.has_point)
        return 0; /* an integer that float64 may not hold */
    else
        *value = quotient(found.mantissa, (int)found.decimals);
    if (minus) *value = -*value;
    return 1;
}

/* The values of m cells, without the blanks around them; NaN, and bad, where one is not plain, NaN where it is empty.
   Returns how many are bad. */
int64_t lepton_numbers(const uint8_t *text, const int32_t *starts, const int32_t *ends, int64_t m, uint8_t decimal,
                       double *values, uint8_t *bad) {
    int64_t count = 0;
    for (int64_t i = 0; i < m; i++) {
        const uint8_t *start = text + starts[i], *end = text + ends[i];
        while (start < end && is_blank(*start)) start++;
        while (start < end && is_blank(end[-1])) end--;
        values[i] = NAN;
        bad[i] = start < end && !plain(start, end, decimal, values + i);
        count += bad[i];
    }
    return count;
}

/* The number that `count` digits are; negative if one is none. */
static int64_t digits(const uint8_t *at, int count) {
    int64_t value = 0;
    for (int i = 0; i < count; i++) {
        const uint8_t digit = (uint8_t)(at[i] - '0');
        if (digit > 9) return -1;
        value = value * 10 + digit;
    }
    return value;
}

/* Days from 1970-01-01 to that date of the Gregorian calendar (Hinnant 2013, days_from_civil). */
static int64_t days_from(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    const int64_t era = year / 400, of_era = year - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_in(int64_t year, int64_t month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leaps);
}

/* Microseconds of the clock `hh:mm`, `hh:mm:ss`, with three or six digits more or without; negative if it is none. */
static int64_t clock_of(const uint8_t *at, int64_t size) {
    const int64_t hours = digits(at, 2), minutes = digits(at + 3, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || at[2] != ':') return -1;
    int64_t micro = (hours * 60 + minutes) * 60000000;
    if (size > 5) {
        const int64_t seconds = digits(at + 6, 2);
        if (seconds < 0 || seconds > 59 || at[5] != ':') return -1;
        micro += seconds * 1000000;
    }
    if (size > 8) {
        const int64_t fraction = digits(at + 9, size == 12 ? 3 : 6);
        if (fraction < 0 || at[8] != '.') return -1;
        micro += size == 12 ? fraction * 1000 : fraction;
    }
    return micro;
}

static int date(const uint8_t *at, int64_t size, double *value) {
    const int64_t year = digits(at, 4), month = digits(at + 5, 2), day = digits(at + 8, 2);
    if (at[4] != '-' || at[7] != '-' || year < 1 || month < 1 || month > 12 || day < 1) return 0;
    if (day > days_in(year, month)) return 0;
    int64_t micro = days_from(year, month, day) * INT64_C(86400000000);
    if (size > 10) {
        int64_t zone = 0, left = size - 11;
        const uint8_t *const last = at + size;
        if (at[10] != 'T' && at[10] != ' ') return 0;
        if (left == 6 || left == 9 || left == 13 || left == 16) {
            if (last[-1] != 'Z') return 0;
            left -= 1;
        } else if (left == 11 || left == 14 || left == 18 || left == 21) {
            const int64_t hours = digits(last - 5, 2), minutes = digits(last - 2, 2);
            if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || last[-3] != ':') return 0;
            if (last[-6] != '+' && last[-6] != '-') return 0;
            zone = (hours * 60 + minutes) * (last[-6] == '-' ? -60000000 : 60000000);
            left -= 6;
        }
        if (left != 5 && left != 8 && left != 12 && left != 15) return 0;
        const int64_t clock = clock_of(at + 11, left);
        if (clock < 0) return 0;
        micro += clock - zone;
    }
    *value = (double)micro / 1e6;
    return 1;
}

/* The m cells as seconds since 1970-01-01 UTC; NaN where one is no date of ISO 8601. */
void lepton_dates(const uint8_t *text, const int32_t *starts, const int32_t *ends, int64_t m, double *values) {
    for (int64_t i = 0; i < m; i++) {
        const int64_t size = ends[i] - starts[i];
        if (size < 10 || size > 32 || !date(text + starts[i], size, values + i)) values[i] = NAN;
    }
}
