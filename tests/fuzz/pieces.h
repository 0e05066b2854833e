// Cuts an input into pieces, as reads from a socket do, where the input itself says.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace selvage::fuzz {

/// The first byte tells how many of the next bytes are sizes of pieces; the rest is what is cut.
inline std::string_view cut(const uint8_t* data, size_t size,
                            std::vector<std::string_view>& pieces) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return {};
  const size_t cuts = std::min<size_t>(static_cast<uint8_t>(input[0]) % 16, input.size() - 1);
  const std::string_view sizes = input.substr(1, cuts);
  input.remove_prefix(1 + cuts);
  std::string_view rest = input;
  for (char piece_size : sizes) {
    const std::string_view piece = rest.substr(0, static_cast<uint8_t>(piece_size));
    rest.remove_prefix(piece.size());
    pieces.push_back(piece);
  }
  pieces.push_back(rest);
  return input;
}

}  // namespace selvage::fuzz
