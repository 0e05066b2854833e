#include "http/compress.h"

#include <brotli/encode.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace selvage::http {
namespace {

constexpr size_t kPiece = 16 * 1024;

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor() {
    // 16: a gzip header instead of a zlib one.
    usable_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8,
                           Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~GzipCompressor() override { deflateEnd(&stream_); }
  GzipCompressor(const GzipCompressor&) = delete;
  GzipCompressor& operator=(const GzipCompressor&) = delete;

  Status compress(std::string_view input, bool last, std::string& output) override {
    if (!usable_) return fail(ErrorCode::limit_exceeded, "no memory for compression");
    do {
      const auto now =
          static_cast<uInt>(std::min<size_t>(input.size(), std::numeric_limits<uInt>::max()));
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
      stream_.avail_in = now;
      input.remove_prefix(now);
      const int flush = !input.empty() ? Z_NO_FLUSH : last ? Z_FINISH : Z_SYNC_FLUSH;
      do {
        const size_t before = output.size();
        output.resize(before + kPiece);
        stream_.next_out = reinterpret_cast<Bytef*>(output.data() + before);
        stream_.avail_out = kPiece;
        deflate(&stream_, flush);
        output.resize(before + kPiece - stream_.avail_out);
      } while (stream_.avail_out == 0);
    } while (!input.empty());
    return {};
  }

 private:
  z_stream stream_{};
  bool usable_ = false;
};

class BrotliCompressor final : public Compressor {
 public:
  BrotliCompressor() : state_(BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)) {
    // Made while a client waits: about gzip's speed.
    if (state_ != nullptr) BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, 5);
  }
  ~BrotliCompressor() override { BrotliEncoderDestroyInstance(state_); }
  BrotliCompressor(const BrotliCompressor&) = delete;
  BrotliCompressor& operator=(const BrotliCompressor&) = delete;

  Status compress(std::string_view input, bool last, std::string& output) override {
    if (state_ == nullptr) return fail(ErrorCode::limit_exceeded, "no memory for compression");
    size_t in = input.size();
    const auto* next_in = reinterpret_cast<const uint8_t*>(input.data());
    const auto operation = last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH;
    do {
      const size_t before = output.size();
      output.resize(before + kPiece);
      size_t out = kPiece;
      auto* next_out = reinterpret_cast<uint8_t*>(output.data() + before);
      if (BrotliEncoderCompressStream(state_, operation, &in, &next_in, &out, &next_out, nullptr) ==
          BROTLI_FALSE) {
        return fail(ErrorCode::internal, "the body could not be compressed");
      }
      output.resize(before + kPiece - out);
    } while (in > 0 || BrotliEncoderHasMoreOutput(state_) == BROTLI_TRUE);
    return {};
  }

 private:
  BrotliEncoderState* state_;
};

}  // namespace

std::unique_ptr<Compressor> Compressor::create(std::string_view coding) {
  if (coding == "gzip") return std::make_unique<GzipCompressor>();
  if (coding == "br") return std::make_unique<BrotliCompressor>();
  return nullptr;
}

}  // namespace selvage::http
