#include "http/gathered_output.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace selvage::http {

void GatheredOutput::add(std::string_view bytes, bool borrowed) {
  if (bytes.empty()) return;
  assert(count_ < kMostPieces);
  pieces_[count_++] = {bytes, borrowed};
}

void GatheredOutput::add_block(std::unique_ptr<char[]> block, size_t size) {
  assert(block_ == nullptr);
  block_ = std::move(block);
  add({block_.get(), size}, false);
}

void GatheredOutput::add_string(std::string text) {
  assert(text_.empty());
  text_ = std::move(text);
  add(text_, false);
}

GatheredOutput::Outcome GatheredOutput::flush(uv_stream_t* stream) {
  if (waiting()) {
    keep_borrowed();
    return Outcome::waiting;
  }
  std::array<uv_buf_t, kMostPieces> buffers;
  size_t total = 0;
  for (size_t i = 0; i < count_; ++i) {
    buffers[i].base = const_cast<char*>(pieces_[i].bytes.data());
    buffers[i].len = pieces_[i].bytes.size();
    total += buffers[i].len;
  }
  if (total == 0) return Outcome::sent;
  const int written = uv_try_write(stream, buffers.data(), static_cast<unsigned>(count_));
  if (written >= 0 && static_cast<size_t>(written) == total) {
    release();
    return Outcome::sent;
  }
  if (written < 0 && written != UV_EAGAIN) return Outcome::failed;

  // The socket is full. From here on the pieces must outlive the step.
  auto rest = static_cast<size_t>(written < 0 ? 0 : written);
  for (size_t i = 0; i < count_; ++i) {
    const size_t gone = std::min(rest, pieces_[i].bytes.size());
    pieces_[i].bytes.remove_prefix(gone);
    rest -= gone;
  }
  keep_borrowed();
  size_t left = 0;
  for (size_t i = 0; i < count_; ++i) {
    if (pieces_[i].bytes.empty()) continue;
    buffers[left].base = const_cast<char*>(pieces_[i].bytes.data());
    buffers[left++].len = pieces_[i].bytes.size();
  }
  const int status =
      uv_write(&request_, stream, buffers.data(), static_cast<unsigned>(left),
               [](uv_write_t* request, int result) {
                 static_cast<GatheredOutput*>(request->data)->on_written(request->handle, result);
               });
  if (status != 0) return Outcome::failed;
  in_flight_ = count_;
  return Outcome::waiting;
}

void GatheredOutput::on_written(uv_stream_t* stream, int status) {
  std::copy(pieces_.begin() + in_flight_, pieces_.begin() + count_, pieces_.begin());
  count_ -= std::exchange(in_flight_, 0);
  if (status == 0 && count_ != 0) {
    switch (flush(stream)) {
      case Outcome::waiting: return;
      case Outcome::failed: status = UV_EPIPE; break;
      case Outcome::sent: break;
    }
  }
  if (count_ == 0) release();
  written_(context_, status);
}

void GatheredOutput::keep_borrowed() {
  size_t size = 0;
  for (size_t i = in_flight_; i < count_; ++i) {
    if (pieces_[i].borrowed) size += pieces_[i].bytes.size();
  }
  if (size == 0) return;
  assert(kept_.empty());
  kept_.reserve(size);
  for (size_t i = in_flight_; i < count_; ++i) {
    if (!pieces_[i].borrowed) continue;
    const size_t at = kept_.size();
    kept_ += pieces_[i].bytes;
    pieces_[i] = {std::string_view(kept_.data() + at, pieces_[i].bytes.size()), false};
  }
}

void GatheredOutput::release() {
  count_ = 0;
  block_.reset();
  if (!text_.empty()) text_ = {};
  if (!kept_.empty()) kept_ = {};
}

void GatheredOutput::clear() {
  assert(!waiting());
  release();
}

}  // namespace selvage::http
