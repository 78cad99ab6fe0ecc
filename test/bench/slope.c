/* Streams a ramp of big-endian uint16 (BZERO 32768) on one thread, some pixels of all reads at a time so that the sums
   stay in the cache, and computes the slope of every pixel.
   usage: slope FILE BYTES_BEFORE_DATA PIXELS READS; prints the seconds of reading and arithmetic and the mean slope. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 15 };
static uint16_t raw[PIECE];
static int32_t sum[PIECE], low[PIECE];
static double moment[PIECE];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const long start = atol(argv[2]), pixels = atol(argv[3]), reads = atol(argv[4]);
  int file = open(argv[1], O_RDONLY);
  float *slope = malloc(pixels * sizeof *slope);
  if (file < 0 || !slope) return 1;
  const double begun = now();
  const double n = reads, st = n * (n - 1) / 2, stt = n * (n - 1) * (2 * n - 1) / 6;
  double check = 0;
  for (long at = 0; at < pixels; at += PIECE) {
    const long count = pixels - at < PIECE ? pixels - at : PIECE;
    for (long i = 0; i < count; i++) sum[i] = low[i] = 0, moment[i] = 0;
    for (long k = 0; k < reads; k++) {
      if (pread(file, raw, 2 * count, start + 2 * (k * pixels + at)) != 2 * count) return 1;
      /* 32 reads of 15 bits and a sign times their number in the group of 32 fit 32 bits */
      const int32_t weight = (int32_t)(k & 31);
      for (long i = 0; i < count; i++) {
        const int32_t value = (int16_t)__builtin_bswap16(raw[i]);
        sum[i] += value;
        low[i] += weight * value;
      }
      if (weight == 31 || k == reads - 1)
        for (long i = 0; i < count; i++) {
          moment[i] += low[i] + (double)(k - weight) * sum[i];
          slope[at + i] = (k < 32 ? 0 : slope[at + i]) + (float)sum[i];
          low[i] = sum[i] = 0;
        }
    }
    for (long i = 0; i < count; i++) {
      slope[at + i] = (n * moment[i] - st * slope[at + i]) / (n * stt - st * st);
      check += slope[at + i];
    }
  }
  printf("%.6f %.9g\n", now() - begun, check / pixels);
  return 0;
}
