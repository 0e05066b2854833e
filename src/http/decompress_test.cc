#include "http/decompress.h"

#include <brotli/encode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace selvage::http {
namespace {

using testing::HasSubstr;

/// Window bits as deflateInit2() takes them: 31 gzip, 15 zlib, -15 raw.
std::string deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string brotli(const std::string& text) {
  size_t size = BrotliEncoderMaxCompressedSize(text.size());
  std::string out(size, '\0');
  EXPECT_TRUE(BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, text.size(),
                                    reinterpret_cast<const uint8_t*>(text.data()), &size,
                                    reinterpret_cast<uint8_t*>(out.data())));
  out.resize(size);
  return out;
}

struct Unpacked {
  std::string text;
  std::string error;
  size_t largest_piece = 0;
};

/// Hands `data` over in pieces of `step` bytes and takes at most `most` at a time.
Unpacked unpack(const std::string& coding, std::string_view data, size_t step, size_t most) {
  const auto decompressor = Decompressor::create(coding);
  Unpacked unpacked;
  while (!data.empty()) {
    std::string_view piece = data.substr(0, step);
    data.remove_prefix(piece.size());
    size_t made = 0;
    do {
      std::string output;
      const Status status = decompressor->decompress(piece, output, most);
      made = output.size();
      unpacked.text += output;
      unpacked.largest_piece = std::max(unpacked.largest_piece, made);
      if (!status) {
        unpacked.error = status.error().message;
        return unpacked;
      }
      EXPECT_TRUE(made == most || piece.empty()) << "input left, and room for output";
    } while (made == most || !piece.empty());
  }
  if (const Status status = decompressor->finish(); !status) {
    unpacked.error = status.error().message;
  }
  return unpacked;
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "line " + std::to_string(i * i) + "\n";
  return text;
}

TEST(DecompressTest, GivesTheTextHoweverTheDataIsCut) {
  const std::string text = sample();
  const std::pair<std::string, std::string> cases[] = {
      {"gzip", deflated(text, 31)},     {"x-gzip", deflated(text, 31)},
      {"GZip", deflated(text, 31)},     {"deflate", deflated(text, 15)},
      {"deflate", deflated(text, -15)}, {"br", brotli(text)},
  };
  for (const auto& [coding, data] : cases) {
    for (const size_t step : {size_t{1}, size_t{2}, size_t{1000}, data.size()}) {
      for (const size_t most : {size_t{1}, size_t{100}, size_t{10000}}) {
        const Unpacked unpacked = unpack(coding, data, step, most);
        EXPECT_EQ(unpacked.error, "") << coding;
        EXPECT_TRUE(unpacked.text == text) << coding << " in pieces of " << step;
        EXPECT_LE(unpacked.largest_piece, most);
      }
    }
  }
}

TEST(DecompressTest, TakesGzipMembersTogetherAndPassesOverPadding) {
  const std::string data = deflated("one, ", 31) + deflated("two", 31);
  for (const size_t step : {size_t{1}, size_t{7}, data.size() + 100}) {
    EXPECT_EQ(unpack("gzip", data, step, 1000).text, "one, two");
    const Unpacked padded = unpack("gzip", data + std::string(20, '\0'), step, 1000);
    EXPECT_EQ(padded.text, "one, two");
    EXPECT_EQ(padded.error, "");
  }
  EXPECT_EQ(unpack("br", brotli("text") + "surplus", 1000, 1000).text, "text");
}

TEST(DecompressTest, NoticesEveryTruncation) {
  const std::string text = "some text, some more text, some text again";
  const std::pair<std::string, std::string> cases[] = {
      {"gzip", deflated(text, 31)},
      {"deflate", deflated(text, 15)},
      {"deflate", deflated(text, -15)},
      {"br", brotli(text)},
  };
  for (const auto& [coding, data] : cases) {
    for (size_t size = 1; size < data.size(); ++size) {
      const Unpacked unpacked = unpack(coding, std::string_view(data).substr(0, size), 1000, 1000);
      EXPECT_THAT(unpacked.error, HasSubstr("ends within its " + coding + " data"))
          << size << " of " << data.size();
    }
  }
}

TEST(DecompressTest, TakesAnEmptyBodyForWhole) {
  for (const char* coding : {"gzip", "deflate", "br"}) {
    EXPECT_TRUE(Decompressor::create(coding)->finish()) << coding;
  }
}

TEST(DecompressTest, RefusesDamagedData) {
  for (const char* coding : {"gzip", "deflate", "br"}) {
    EXPECT_THAT(unpack(coding, "\xff\xff\xff\xff\xff\xff\xff\xff", 1000, 1000).error,
                HasSubstr("not valid"))
        << coding;
  }
  std::string damaged = deflated(sample(), 31);
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // its checksum
  EXPECT_THAT(unpack("gzip", damaged, 1000, 1000).error, HasSubstr("not valid gzip data"));
}

TEST(DecompressTest, LeavesOtherCodingsAlone) {
  for (const char* coding : {"", "identity", "zstd", "gzip, br", "compress", "brr"}) {
    EXPECT_EQ(Decompressor::create(coding), nullptr) << coding;
  }
}

}  // namespace
}  // namespace selvage::http
