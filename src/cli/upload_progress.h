// How far an upload has come.
#pragma once

#include <cstddef>
#include <functional>

namespace selvage::cli {

/// Told how many of the files that the platform lacks have been sent.
using UploadProgress = std::function<void(size_t sent, size_t total)>;

/// One that says it on standard error where that is a terminal, and nothing when `quiet`.
UploadProgress progress_on_terminal(bool quiet);

}  // namespace selvage::cli
