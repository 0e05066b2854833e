// A part of a file as a pipe: read piece by piece off the loop, no faster than the reader takes it.
#pragma once

#include <cstdint>
#include <memory>

#include "loop/loop.h"
#include "loop/pipe.h"

namespace selvage::assets {

/// An open file, closed with the last reference.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// The loop's holder. `length` bytes from `offset`; a file that ends before fails the pipe.
std::shared_ptr<loop::Pipe> stream_file(loop::Loop& loop, std::shared_ptr<OpenFile> file,
                                        uint64_t offset, uint64_t length);

}  // namespace selvage::assets
