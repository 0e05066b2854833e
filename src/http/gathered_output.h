// What one connection sends at the end of a step of the loop: pieces gathered, then written with
// one system call. What the socket does not take is written when it can be.
#pragma once

#include <uv.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace selvage::http {

class GatheredOutput {
 public:
  enum class Outcome { sent, waiting, failed };

  /// `written` is called with `context` after a flush() that ended `waiting`, with 0 or an error of
  /// libuv; not from within flush().
  using Written = void (*)(void* context, int status);
  GatheredOutput(Written written, void* context) : written_(written), context_(context) {
    request_.data = this;
  }
  GatheredOutput(const GatheredOutput&) = delete;
  GatheredOutput& operator=(const GatheredOutput&) = delete;

  /// Bytes that stay valid until the next flush() has returned; the rest is copied then.
  void add_borrowed(std::string_view bytes) { add(bytes, true); }
  /// Bytes that outlive the output, e.g. a literal.
  void add_static(std::string_view bytes) { add(bytes, false); }
  /// Bytes that it takes over, at most one of each until all is sent.
  void add_block(std::unique_ptr<char[]> block, size_t size);
  void add_string(std::string text);

  /// Writes what was added. Call it after each step in which something was: while an earlier write
  /// waits, it keeps what is borrowed, and answers `waiting`.
  Outcome flush(uv_stream_t* stream);

  /// Nothing to write, nothing that waits.
  [[nodiscard]] bool idle() const { return count_ == 0; }
  [[nodiscard]] bool waiting() const { return in_flight_ != 0; }
  /// Forgets everything, once the stream has been closed.
  void clear();

 private:
  struct Piece {
    std::string_view bytes;
    bool borrowed;
  };
  static constexpr size_t kMostPieces = 8;

  void add(std::string_view bytes, bool borrowed);
  void keep_borrowed();
  void on_written(uv_stream_t* stream, int status);
  void release();

  Written written_;
  void* context_;
  std::array<Piece, kMostPieces> pieces_;
  size_t count_ = 0;
  size_t in_flight_ = 0;  // of count_, those that libuv has
  std::unique_ptr<char[]> block_;
  std::string text_;
  std::string kept_;  // copies of borrowed pieces
  uv_write_t request_{};
};

}  // namespace selvage::http
