#include "assets/content_coding.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "http/syntax.h"

namespace selvage::assets {
namespace {

constexpr int kWhole = 1000;  // a q-value of 1

/// "0.5" is 500; what is no q-value counts as 0.
int parse_quality(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
  int value = (text[0] - '0') * kWhole;
  if (text.size() == 1) return value;
  if (text[1] != '.' || text.size() > 5) return 0;
  int scale = kWhole / 10;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return 0;
    value += (c - '0') * scale;
    scale /= 10;
  }
  return std::min(value, kWhole);
}

struct Choice {
  std::string_view name;
  int quality;
};

Choice parse_choice(std::string_view element) {
  size_t semicolon = element.find(';');
  Choice choice{http::trim_whitespace(element.substr(0, semicolon)), kWhole};
  while (semicolon != std::string_view::npos) {
    element.remove_prefix(semicolon + 1);
    semicolon = element.find(';');
    const std::string_view parameter = http::trim_whitespace(element.substr(0, semicolon));
    if (parameter.size() >= 2 && http::to_lower(parameter[0]) == 'q' && parameter[1] == '=') {
      choice.quality = parse_quality(parameter.substr(2));
    }
  }
  return choice;
}

Result<std::string> compress_gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzipHeader = 16;
  constexpr int kMemoryLevel = 9;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipHeader, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(ErrorCode::limit_exceeded, "no memory for compression");
  }
  std::string output(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  const int result = deflate(&stream, Z_FINISH);
  output.resize(output.size() - stream.avail_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return fail(ErrorCode::internal, "gzip failed");
  return output;
}

Result<std::string> compress_brotli(std::string_view bytes) {
  // The tightest level takes about 2 s for a megabyte; a level below, a tenth of that.
  constexpr size_t kTightestUpTo = 256 * 1024;
  const int quality = bytes.size() <= kTightestUpTo ? BROTLI_MAX_QUALITY : 9;
  std::string output(std::max<size_t>(BrotliEncoderMaxCompressedSize(bytes.size()), 64), '\0');
  size_t size = output.size();
  if (BrotliEncoderCompress(quality, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, bytes.size(),
                            reinterpret_cast<const uint8_t*>(bytes.data()), &size,
                            reinterpret_cast<uint8_t*>(output.data())) != BROTLI_TRUE) {
    return fail(ErrorCode::internal, "Brotli failed");
  }
  output.resize(size);
  return output;
}

Result<std::string> compress_zstd(std::string_view bytes) {
  // From level 20 on, clients would need more than the 8 MiB that they must have (RFC 9659).
  constexpr int kTightest = 19;
  std::string output(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size =
      ZSTD_compress(output.data(), output.size(), bytes.data(), bytes.size(), kTightest);
  if (ZSTD_isError(size) != 0) return fail(ErrorCode::internal, "zstd failed");
  output.resize(size);
  return output;
}

}  // namespace

std::string_view to_string(Coding coding) {
  switch (coding) {
    case Coding::identity: return "";
    case Coding::gzip: return "gzip";
    case Coding::brotli: return "br";
    case Coding::zstd: return "zstd";
  }
  return "";
}

bool CodingPreference::takes(Coding coding) const {
  return std::find(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), coding) !=
         order.begin() + static_cast<ptrdiff_t>(count);
}

CodingPreference parse_accept_encoding(std::string_view field) {
  int gzip = -1;
  int brotli = -1;
  int zstd = -1;
  int identity = -1;
  int others = -1;
  while (!field.empty()) {
    const Choice choice = parse_choice(http::take_list_element(field));
    if (http::equals_ignoring_case(choice.name, "gzip") ||
        http::equals_ignoring_case(choice.name, "x-gzip")) {
      gzip = std::max(gzip, choice.quality);
    } else if (http::equals_ignoring_case(choice.name, "br")) {
      brotli = std::max(brotli, choice.quality);
    } else if (http::equals_ignoring_case(choice.name, "zstd")) {
      zstd = std::max(zstd, choice.quality);
    } else if (http::equals_ignoring_case(choice.name, "identity")) {
      identity = std::max(identity, choice.quality);
    } else if (choice.name == "*") {
      others = std::max(others, choice.quality);
    }
  }
  struct Candidate {
    Coding coding;
    int quality;
    int rank;  // of equals, the lower first
  };
  // Without being named, identity comes after all that is.
  std::array<Candidate, kCodings> candidates{{
      {Coding::brotli, brotli >= 0 ? brotli : others, 0},
      {Coding::zstd, zstd >= 0 ? zstd : others, 1},
      {Coding::gzip, gzip >= 0 ? gzip : others, 2},
      {Coding::identity, std::max(identity, 0), 3},
  }};
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return a.quality != b.quality ? a.quality > b.quality : a.rank < b.rank;
  });
  CodingPreference preference;
  for (const Candidate& candidate : candidates) {
    if (candidate.quality > 0 || candidate.coding == Coding::identity) {
      preference.order[preference.count++] = candidate.coding;
    }
  }
  return preference;
}

bool is_compressible(std::string_view media_type) {
  media_type = http::trim_whitespace(media_type.substr(0, media_type.find(';')));
  if (media_type.starts_with("text/")) return true;
  if (media_type.ends_with("+json") || media_type.ends_with("+xml")) return true;
  constexpr std::array<std::string_view, 16> kOthers{"application/javascript",
                                                     "application/json",
                                                     "application/xml",
                                                     "application/wasm",
                                                     "application/rtf",
                                                     "application/x-javascript",
                                                     "application/toml",
                                                     "application/x-sh",
                                                     "application/vnd.ms-fontobject",
                                                     "application/pdf",
                                                     "application/x-httpd-php",
                                                     "application/sql",
                                                     "font/ttf",
                                                     "font/otf",
                                                     "image/bmp",
                                                     "image/vnd.microsoft.icon"};
  return std::ranges::find(kOthers, media_type) != kOthers.end();
}

Result<std::string> compress(std::string_view bytes, Coding coding) {
  switch (coding) {
    case Coding::identity: return std::string(bytes);
    case Coding::gzip: return compress_gzip(bytes);
    case Coding::brotli: return compress_brotli(bytes);
    case Coding::zstd: return compress_zstd(bytes);
  }
  return fail(ErrorCode::internal, "unknown coding");
}

}  // namespace selvage::assets
