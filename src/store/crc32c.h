// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where it has one.
#pragma once

#include <cstdint>
#include <string_view>

namespace selvage::store {

/// The checksum of `bytes`, or, with the checksum of what came before, of both together.
uint32_t crc32c(std::string_view bytes, uint32_t before = 0);

/// The same without the instruction; for machines that have none, and for its test.
uint32_t crc32c_portable(std::string_view bytes, uint32_t before = 0);

}  // namespace selvage::store
