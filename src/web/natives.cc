#include "web/natives.h"

namespace selvage::web {

std::vector<js::Native> natives() {
  std::vector<js::Native> all;
  for (const auto& table : {kUrlNatives, kTextNatives, kBase64Natives, kCryptoNatives, kKeyNatives,
                            kCloneNatives, kInspectNatives, kCodecNatives}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

}  // namespace selvage::web
