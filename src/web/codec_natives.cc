// Compression and decompression with zlib, a piece at a time. A codec's whole state (z_stream and
// everything zlib allocates for it) lies in one ArrayBuffer that the stream's JavaScript owns: it
// counts towards the isolate's memory limit, and goes with the garbage.
#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <new>

#include "web/natives.h"
#include "web/utf8_text.h"

namespace selvage::web {
namespace {

/// At the beginning of the buffer; what zlib allocates follows.
struct Codec {
  z_stream stream;
  size_t used;  // bytes of the buffer
  size_t size;
  bool compresses;
  bool ended;  // the compressed data is complete
};

// What the host's zlib takes with 15 window bits and memory level 8: 284,616 bytes to compress,
// 41,864 to decompress, in a few pieces. Rounded up; zlib does not start with less.
constexpr size_t kCompressorSize = 304U << 10U;
constexpr size_t kDecompressorSize = 48U << 10U;
constexpr size_t kChunk = 16U << 10U;

void* allocate(void* opaque, uInt items, uInt size) {
  auto* codec = static_cast<Codec*>(opaque);
  const size_t begin =
      (codec->used + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);
  const size_t bytes = size_t{items} * size;
  if (begin > codec->size || codec->size - begin < bytes) return nullptr;
  codec->used = begin + bytes;
  return reinterpret_cast<char*>(codec) + begin;
}

void release(void*, void*) {}

/// RFC 1952, 1950 and 1951, as zlib's window bits say it.
int window_bits(std::string_view format) {
  if (format == "gzip") return 15 + 16;
  if (format == "deflate") return 15;
  return -15;  // "deflate-raw"
}

void codec_size(const js::Arguments& info) {
  info.GetReturnValue().Set(
      static_cast<uint32_t>(info[0]->IsTrue() ? kCompressorSize : kDecompressorSize));
}

/// codecStart(buffer, format, compress): buffer has codecSize(compress) bytes.
void codec_start(const js::Arguments& info) {
  const std::span<uint8_t> memory = js::bytes_of(info[0]);
  const Utf8Text format(info.GetIsolate(), info[1]);
  auto* codec = new (memory.data()) Codec{};
  codec->used = sizeof(Codec);
  codec->size = memory.size();
  codec->compresses = info[2]->IsTrue();
  codec->stream.zalloc = allocate;
  codec->stream.zfree = release;
  codec->stream.opaque = codec;
  const int bits = window_bits(format.view());
  const int status = codec->compresses ? deflateInit2(&codec->stream, Z_DEFAULT_COMPRESSION,
                                                      Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY)
                                       : inflateInit2(&codec->stream, bits);
  if (status != Z_OK) js::throw_error(info.GetIsolate(), "zlib does not start.");
}

/// codecPush(buffer, input or null for the end): the output so far; a string when it fails.
void codec_push(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  auto* codec = reinterpret_cast<Codec*>(js::bytes_of(info[0]).data());
  const bool finish = info[1]->IsNull();
  const std::span<uint8_t> input = js::bytes_of(info[1]);
  z_stream& stream = codec->stream;
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  std::string output;
  std::array<char, kChunk> chunk;
  if (codec->ended && !input.empty()) {
    js::return_string(info, "Trailing bytes after end of compressed data");
    return;
  }
  while (!codec->ended) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = kChunk;
    const int status = codec->compresses ? deflate(&stream, finish ? Z_FINISH : Z_NO_FLUSH)
                                         : inflate(&stream, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      codec->ended = true;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      js::return_string(info, codec->compresses ? "Compression failed." : "Decompression failed.");
      return;
    }
    output.append(chunk.data(), kChunk - stream.avail_out);
    if (stream.avail_out > 0 && status != Z_STREAM_END) break;
  }
  if (stream.avail_in > 0) {
    js::return_string(info, "Trailing bytes after end of compressed data");
    return;
  }
  if (finish && !codec->ended) {
    js::return_string(info, "Called close() on a decompression stream with incomplete data");
    return;
  }
  v8::Local<v8::Uint8Array> bytes;
  if (js::make_uint8_array(isolate, output).ToLocal(&bytes)) info.GetReturnValue().Set(bytes);
}

constexpr js::Native kTable[] = {
    {"codecSize", codec_size},
    {"codecStart", codec_start},
    {"codecPush", codec_push},
};

}  // namespace

const std::span<const js::Native> kCodecNatives = kTable;

}  // namespace selvage::web
