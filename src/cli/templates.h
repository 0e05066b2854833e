// The files of a new project: examples/edge-api, put into the executable by CMake.
#pragma once

#include <span>
#include <string_view>

namespace selvage::cli {

struct TemplateFile {
  std::string_view path;  // relative, with '/'
  std::string_view content;
};

/// The name that the example has, to be replaced by the new project's.
inline constexpr std::string_view kTemplateName = "edge-api";

std::span<const TemplateFile> template_files();

}  // namespace selvage::cli
