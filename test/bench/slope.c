/* Streams a ramp of big-endian uint16 (BZERO 32768) plane by plane, on one thread, and computes the slope of every pixel.
   usage: slope FILE BYTES_BEFORE_DATA PIXELS READS; prints the seconds of reading and arithmetic and a sum to compare. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  const long start = atol(argv[2]), pixels = atol(argv[3]), reads = atol(argv[4]);
  const long piece = 1 << 19;
  int file = open(argv[1], O_RDONLY);
  uint16_t *raw = malloc(2 * piece);
  double *sum = calloc(pixels, sizeof *sum), *moment = calloc(pixels, sizeof *moment);
  float *slope = malloc(pixels * sizeof *slope);
  if (file < 0 || !raw || !sum || !moment || !slope) return 1;
  const double begun = now();
  for (long k = 0; k < reads; k++)
    for (long at = 0; at < pixels; at += piece) {
      const long count = pixels - at < piece ? pixels - at : piece;
      if (pread(file, raw, 2 * count, start + 2 * (k * pixels + at)) != 2 * count) return 1;
      double *s = sum + at, *m = moment + at;
      for (long i = 0; i < count; i++) {
        const double value = (int16_t)__builtin_bswap16(raw[i]);
        s[i] += value;
        m[i] += k * value;
      }
    }
  const double n = reads, st = n * (n - 1) / 2, stt = n * (n - 1) * (2 * n - 1) / 6;
  double check = 0;
  for (long i = 0; i < pixels; i++) {
    slope[i] = (n * moment[i] - st * sum[i]) / (n * stt - st * st);
    check += slope[i];
  }
  printf("%.6f %.9g\n", now() - begun, check / pixels);
  return 0;
}
