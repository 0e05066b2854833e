// What pread() and pwrite() leave to their callers: that a call may transfer less than it was asked
// to, or be interrupted.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>

namespace selvage::store {

/// Calls `some(done)`, which transfers some of the bytes after the first `done` as pread() does,
/// until `size` bytes are, or it gives 0 (then errno is 0) or fails (then errno says why). Returns
/// how many bytes were transferred.
template <class Some>
size_t transfer(size_t size, Some some) {
  size_t done = 0;
  while (done < size) {
    ssize_t n = some(done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return done;
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  errno = 0;
  return done;
}

}  // namespace selvage::store
