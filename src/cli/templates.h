// What a new project can be: examples, put into the executable by CMake.
#pragma once

#include <span>
#include <string_view>

namespace selvage::cli {

struct TemplateFile {
  std::string_view path;  // relative, with '/'
  std::string_view content;
};

struct Template {
  std::string_view
      name;  // of the example; wherever it stands in the files, the project's name goes
  std::string_view what;  // for people
  std::span<const TemplateFile> files;
};

/// The first is the one that a project is without being told.
std::span<const Template> templates();

}  // namespace selvage::cli
