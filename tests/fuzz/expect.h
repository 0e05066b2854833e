// What a fuzz target knows to be true. On failure the process stops, and libFuzzer keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace selvage::fuzz {

inline void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

}  // namespace selvage::fuzz
