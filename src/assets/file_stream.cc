#include "assets/file_stream.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "assets/off_loop.h"

namespace selvage::assets {
namespace {

constexpr size_t kPiece = 128 * 1024;

class FileStream : public std::enable_shared_from_this<FileStream> {
 public:
  FileStream(loop::Loop& loop, std::shared_ptr<OpenFile> file, uint64_t offset, uint64_t length,
             const std::shared_ptr<loop::Pipe>& pipe)
      : loop_(loop), file_(std::move(file)), offset_(offset), remaining_(length), pipe_(pipe) {}

  // The pipe's callback keeps this alive, and the consumer the pipe.
  void start() {
    pipe_.lock()->on_drain([self = shared_from_this()] { self->read(); });
    read();
  }

 private:
  void read() {
    const auto pipe = pipe_.lock();
    if (reading_ || !pipe || pipe->canceled()) return;
    if (remaining_ == 0) {
      pipe->end();
      return;
    }
    reading_ = true;
    piece_.resize(std::min<uint64_t>(kPiece, remaining_));
    run_off_loop(
        loop_,
        [self = shared_from_this()] {
          ssize_t got = -1;
          do {
            got = pread(self->file_->fd(), self->piece_.data(), self->piece_.size(),
                        static_cast<off_t>(self->offset_));
          } while (got < 0 && errno == EINTR);
          self->piece_.resize(got > 0 ? static_cast<size_t>(got) : 0);
        },
        [self = shared_from_this()] { self->give(); });
  }

  void give() {
    reading_ = false;
    const auto pipe = pipe_.lock();
    if (!pipe || pipe->canceled()) return;
    if (piece_.empty()) {
      pipe->fail({ErrorCode::io, "the file ended or could not be read", {}});
      return;
    }
    offset_ += piece_.size();
    remaining_ -= piece_.size();
    const bool room = pipe->write(std::exchange(piece_, {}));
    if (room || remaining_ == 0) read();
  }

  loop::Loop& loop_;
  std::shared_ptr<OpenFile> file_;
  uint64_t offset_;
  uint64_t remaining_;
  std::weak_ptr<loop::Pipe> pipe_;
  std::string piece_;
  bool reading_ = false;
};

}  // namespace

OpenFile::~OpenFile() { close(fd_); }

std::shared_ptr<loop::Pipe> stream_file(loop::Loop& loop, std::shared_ptr<OpenFile> file,
                                        uint64_t offset, uint64_t length) {
  auto pipe = loop::Pipe::create(2 * kPiece);
  std::make_shared<FileStream>(loop, std::move(file), offset, length, pipe)->start();
  return pipe;
}

}  // namespace selvage::assets
