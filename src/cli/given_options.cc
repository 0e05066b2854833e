#include "cli/given_options.h"

#include <algorithm>
#include <string_view>

namespace selvage::cli {
namespace {

/// A word of a shell's, in quotation marks where it needs them.
std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "._/:@%+,=-";
  const bool plain = !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kPlain.find(c) != std::string_view::npos;
  });
  if (plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

}  // namespace

std::string given_options(const CLI::App& command, std::initializer_list<const char*> options) {
  std::string text;
  for (const char* name : options) {
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr || option->count() == 0) continue;
    text += std::string(" ") + name;
    if (option->get_expected_max() > 0) text += " " + shell_word(option->results().back());
  }
  return text;
}

}  // namespace selvage::cli
