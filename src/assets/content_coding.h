// Which copy of a file a client gets: as it is, gzip, Brotli or zstd (RFC 9110, section 12.5.3).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace selvage::assets {

enum class Coding : uint8_t { identity, gzip, brotli, zstd };
inline constexpr size_t kCodings = 4;
inline constexpr std::array kCompressedCodings{Coding::gzip, Coding::brotli, Coding::zstd};

/// "", "gzip", "br", "zstd": what Content-Encoding says.
std::string_view to_string(Coding coding);

/// The codings that a client takes, the one it wants most first: by its q-values, and where they
/// are equal Brotli before zstd before gzip before none: the smallest copy first.
struct CodingPreference {
  std::array<Coding, kCodings> order{};
  size_t count = 0;

  [[nodiscard]] bool takes(Coding coding) const;
};
/// Of the field Accept-Encoding, "" when there is none. `identity` is always among them: an answer
/// that a client did not ask for is better than none.
CodingPreference parse_accept_encoding(std::string_view field);

/// Whether compressing files of this media type is worth it.
bool is_compressible(std::string_view media_type);

/// Compresses as tightly as is sensible for something that is made once and sent often. Takes up
/// to seconds: never on a loop.
Result<std::string> compress(std::string_view bytes, Coding coding);

}  // namespace selvage::assets
