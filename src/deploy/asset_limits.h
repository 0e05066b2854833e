// How much a folder of static assets may hold. Each is a setting of [limits.assets] in
// selvage.toml; the defaults are Cloudflare's.
#pragma once

#include <cstddef>
#include <cstdint>

namespace selvage::deploy {

struct AssetLimits {
  uint64_t max_file_bytes = uint64_t{25} << 20;
  size_t max_files = 20'000;
};

}  // namespace selvage::deploy
