#include "cli/upload_progress.h"

#include <unistd.h>

#include <iostream>

namespace selvage::cli {

UploadProgress progress_on_terminal(bool quiet) {
  if (quiet || isatty(STDERR_FILENO) != 1) return [](size_t, size_t) {};
  return [](size_t sent, size_t total) {
    std::cerr << "\rUploaded " << sent << " of " << total << " files" << (sent == total ? "\n" : "")
              << std::flush;
  };
}

}  // namespace selvage::cli
