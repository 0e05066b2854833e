#include "http/decompress.h"

#include <brotli/decode.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "http/syntax.h"

namespace selvage::http {
namespace {

tl::unexpected<Error> bad(std::string_view coding) {
  return fail(ErrorCode::corrupt,
              "the response's body is not valid " + std::string(coding) + " data");
}

tl::unexpected<Error> cut_short(std::string_view coding) {
  return fail(ErrorCode::corrupt,
              "the response's body ends within its " + std::string(coding) + " data");
}

/// Appends up to `most` bytes to `output` by way of `fill(char*, size_t) -> bytes written`.
template <class Fill>
Status append(std::string& output, size_t most, Fill&& fill) {
  const size_t before = output.size();
  output.resize(before + most);
  size_t written = 0;
  Status status = fill(output.data() + before, written);
  output.resize(before + written);
  return status;
}

/// gzip (any number of members, RFC 1952) and deflate.
class ZlibDecompressor final : public Decompressor {
 public:
  explicit ZlibDecompressor(bool gzip) : gzip_(gzip) {
    // 16: a gzip header instead of a zlib one.
    usable_ = inflateInit2(&stream_, gzip ? MAX_WBITS + 16 : MAX_WBITS) == Z_OK;
  }
  ~ZlibDecompressor() override { inflateEnd(&stream_); }
  ZlibDecompressor(const ZlibDecompressor&) = delete;
  ZlibDecompressor& operator=(const ZlibDecompressor&) = delete;

  Status decompress(std::string_view& input, std::string& output, size_t most) override {
    if (!usable_) return fail(ErrorCode::limit_exceeded, "no memory for decompression");
    if (!started_ && !input.empty()) start(input);
    return append(output, most, [&](char* room, size_t& written) {
      return inflate_into(input, room, most, written);
    });
  }

  Status finish() override {
    if (!started_ || ended_) return {};
    return cut_short(name());
  }

 private:
  [[nodiscard]] std::string_view name() const { return gzip_ ? "gzip" : "deflate"; }

  void start(std::string_view input) {
    started_ = true;
    // CM is 8 and the window at most 32 KiB in every zlib header (RFC 1950 section 2.2). A raw
    // stream that begins like that has a stored block with ones for padding, which none writes.
    const auto first = static_cast<unsigned char>(input.front());
    if (!gzip_ && ((first & 0x0f) != 8 || first >> 4 > 7)) inflateReset2(&stream_, -MAX_WBITS);
  }

  Status inflate_into(std::string_view& input, char* room, size_t most, size_t& written) {
    while (written < most && !input.empty()) {
      if (ended_ && !next_member(input)) return {};
      const auto in =
          static_cast<uInt>(std::min<size_t>(input.size(), std::numeric_limits<uInt>::max()));
      const auto out =
          static_cast<uInt>(std::min<size_t>(most - written, std::numeric_limits<uInt>::max()));
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
      stream_.avail_in = in;
      stream_.next_out = reinterpret_cast<Bytef*>(room + written);
      stream_.avail_out = out;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      input.remove_prefix(in - stream_.avail_in);
      written += out - stream_.avail_out;
      if (result == Z_STREAM_END) {
        ended_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return bad(name());
      }
    }
    // inflate() may hold output back although it has taken all input.
    while (written < most && started_ && !ended_) {
      stream_.avail_in = 0;
      stream_.next_out = reinterpret_cast<Bytef*>(room + written);
      stream_.avail_out = static_cast<uInt>(most - written);
      const int result = inflate(&stream_, Z_NO_FLUSH);
      const size_t made = most - written - stream_.avail_out;
      written += made;
      if (result == Z_STREAM_END) {
        ended_ = true;
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return bad(name());
      }
      if (made == 0) break;
    }
    return {};
  }

  /// Whether another member begins; what else follows the first is padding.
  bool next_member(std::string_view& input) {
    if (gzip_ && static_cast<unsigned char>(input.front()) == 0x1f && !padding_) {
      inflateReset(&stream_);
      ended_ = false;
      return true;
    }
    padding_ = true;
    input = {};
    return false;
  }

  z_stream stream_{};
  bool gzip_;
  bool usable_ = false;
  bool started_ = false;
  bool ended_ = false;
  bool padding_ = false;
};

/// RFC 7932.
class BrotliDecompressor final : public Decompressor {
 public:
  BrotliDecompressor() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
  ~BrotliDecompressor() override { BrotliDecoderDestroyInstance(state_); }
  BrotliDecompressor(const BrotliDecompressor&) = delete;
  BrotliDecompressor& operator=(const BrotliDecompressor&) = delete;

  Status decompress(std::string_view& input, std::string& output, size_t most) override {
    if (state_ == nullptr) return fail(ErrorCode::limit_exceeded, "no memory for decompression");
    if (ended_) input = {};
    if (!input.empty()) started_ = true;
    if (!started_ || ended_) return {};
    return append(output, most, [&](char* room, size_t& written) -> Status {
      size_t in = input.size();
      size_t out = most;
      const auto* next_in = reinterpret_cast<const uint8_t*>(input.data());
      auto* next_out = reinterpret_cast<uint8_t*>(room);
      const BrotliDecoderResult result =
          BrotliDecoderDecompressStream(state_, &in, &next_in, &out, &next_out, nullptr);
      input.remove_prefix(input.size() - in);
      written = most - out;
      if (result == BROTLI_DECODER_RESULT_ERROR) return bad("br");
      if (result == BROTLI_DECODER_RESULT_SUCCESS) {
        ended_ = true;
        input = {};
      }
      return {};
    });
  }

  Status finish() override {
    if (!started_ || ended_) return {};
    return cut_short("br");
  }

 private:
  BrotliDecoderState* state_;
  bool started_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Decompressor> Decompressor::create(std::string_view content_encoding) {
  const std::string_view coding = trim_whitespace(content_encoding);
  if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip")) {
    return std::make_unique<ZlibDecompressor>(true);
  }
  if (equals_ignoring_case(coding, "deflate")) return std::make_unique<ZlibDecompressor>(false);
  if (equals_ignoring_case(coding, "br")) return std::make_unique<BrotliDecompressor>();
  return nullptr;
}

}  // namespace selvage::http
