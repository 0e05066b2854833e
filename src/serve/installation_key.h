// The secret of an installation: 32 random bytes in its data folder, made when it first starts.
// Whoever has it can make ids of Durable Objects; whoever loses it loses the way to them.
#pragma once

#include <string>

#include "base/result.h"
#include "store/file.h"

namespace selvage::serve {

/// Reads `<data_directory>/installation.key`, or makes it, durably.
Result<std::string> installation_key(store::FileSystem& files, const std::string& data_directory);

}  // namespace selvage::serve
