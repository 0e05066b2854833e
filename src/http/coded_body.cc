#include "http/coded_body.h"

#include <memory>
#include <utility>

#include "http/client_body.h"
#include "http/compress.h"
#include "http/decompress.h"

namespace selvage::http {
namespace {

std::shared_ptr<loop::Pipe> pipe_of(Body body) {
  if (body.pipe) return std::move(body.pipe);
  auto pipe = loop::Pipe::create();
  pipe->write(std::move(body.bytes));
  pipe->end();
  return pipe;
}

Error not_wanted() { return Error{ErrorCode::aborted, "the body is not read any more", ""}; }

/// From a coded source into the decoder, at its reader's pace.
class Decoding : public std::enable_shared_from_this<Decoding> {
 public:
  explicit Decoding(std::shared_ptr<loop::Pipe> source) : source_(std::move(source)) {}

  std::shared_ptr<loop::Pipe> start(std::unique_ptr<Decompressor> decompressor) {
    auto self = shared_from_this();
    auto decoder = ClientBody::create(
        std::move(decompressor), {.on_room = [self] { self->next(); },
                                  .on_unwanted = [self] { self->source_->cancel(not_wanted()); }});
    decoder_ = decoder;
    auto pipe = decoder->take_pipe();
    next();
    return pipe;
  }

 private:
  void next() {
    if (reading_) return;
    reading_ = true;
    source_->read([self = shared_from_this()](Result<loop::Pipe::Chunk> chunk) {
      self->reading_ = false;
      const auto decoder = self->decoder_.lock();
      if (decoder == nullptr) return;
      if (!chunk) {
        decoder->fail(std::move(chunk).error());
      } else if (!*chunk) {
        decoder->end();
      } else if (decoder->write(**chunk)) {
        self->next();
      }
    });
  }

  std::shared_ptr<loop::Pipe> source_;
  std::weak_ptr<ClientBody> decoder_;
  bool reading_ = false;
};

/// From a source through the encoder into a pipe, at its reader's pace.
class Encoding : public std::enable_shared_from_this<Encoding> {
 public:
  Encoding(std::shared_ptr<loop::Pipe> source, std::unique_ptr<Compressor> compressor)
      : source_(std::move(source)), compressor_(std::move(compressor)) {}

  std::shared_ptr<loop::Pipe> start() {
    auto pipe = loop::Pipe::create();
    pipe->on_drain([self = shared_from_this()] { self->next(); });
    pipe->on_cancel(
        [self = shared_from_this()](const Error& reason) { self->source_->cancel(reason); });
    target_ = pipe;
    next();
    return pipe;
  }

 private:
  void next() {
    source_->read([self = shared_from_this()](Result<loop::Pipe::Chunk> chunk) {
      self->on_chunk(std::move(chunk));
    });
  }

  void on_chunk(Result<loop::Pipe::Chunk> chunk) {
    const auto target = target_.lock();
    if (target == nullptr) {
      source_->cancel(not_wanted());
      return;
    }
    if (!chunk) {
      target->fail(std::move(chunk).error());
      return;
    }
    const bool last = !*chunk;
    std::string output;
    if (Status status = compressor_->compress(last ? "" : **chunk, last, output); !status) {
      source_->cancel(status.error());
      target->fail(status.error());
      return;
    }
    const bool more = output.empty() || target->write(std::move(output));
    if (last) {
      target->end();
    } else if (more) {
      next();
    }
  }

  std::shared_ptr<loop::Pipe> source_;
  std::unique_ptr<Compressor> compressor_;
  std::weak_ptr<loop::Pipe> target_;
};

}  // namespace

bool can_code(std::string_view coding) { return coding == "gzip" || coding == "br"; }

Body decoded(Body body, std::string_view coding) {
  auto decompressor = Decompressor::create(coding);
  if (!body.present || decompressor == nullptr) return body;
  return Body::of(
      std::make_shared<Decoding>(pipe_of(std::move(body)))->start(std::move(decompressor)));
}

Body encoded(Body body, std::string_view coding) {
  auto compressor = Compressor::create(coding);
  if (!body.present || compressor == nullptr) return body;
  if (!body.pipe) {
    std::string output;
    if (compressor->compress(body.bytes, true, output)) return Body::of(std::move(output));
    return body;
  }
  return Body::of(std::make_shared<Encoding>(std::move(body.pipe), std::move(compressor))->start());
}

}  // namespace selvage::http
