// What a project may bring: wrangler.toml, wrangler.jsonc, .dev.vars and globs. Whatever they hold,
// each is either read or refused with a line that exists.
#include <algorithm>
#include <string>

#include "cli/module_rules.h"
#include "deploy/project/config_value.h"
#include "deploy/project/dotenv.h"
#include "deploy/project/project_config.h"
#include "expect.h"

namespace {

using selvage::fuzz::expect;

void check(const std::string& file, std::string_view text) {
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  for (const char* environment : {"", "staging"}) {
    const auto reading = selvage::deploy::read_project_text(file, text, {environment, true});
    bool refused = false;
    for (const auto& diagnostic : reading.diagnostics) {
      refused |= diagnostic.severity == selvage::deploy::Diagnostic::Severity::error;
      expect(diagnostic.line >= 0 && diagnostic.line <= lines, "the line of a remark exists");
      expect(!diagnostic.message.empty(), "a remark says something");
    }
    expect(reading.config.has_value() != refused, "an error refuses, and nothing else does");
    if (!reading.config) continue;
    expect(!reading.config->name.empty(), "a worker has a name");
    expect(!reading.config->main.empty() || reading.config->assets,
           "a worker has a main module or assets");
    for (const auto& binding : reading.config->bindings) {
      const auto same =
          std::count_if(reading.config->bindings.begin(), reading.config->bindings.end(),
                        [&](const auto& each) { return each.name == binding.name; });
      expect(same == 1, "a name is bound once");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: check("/p/wrangler.toml", text); break;
    case 1: check("/p/wrangler.jsonc", text); break;
    case 2:
      if (const auto variables = selvage::deploy::parse_dotenv(text)) {
        for (const auto& [name, value] : *variables) expect(!name.empty(), "variables have names");
      }
      break;
    default: {
      const size_t half = text.size() / 2;
      selvage::cli::glob_matches(text.substr(0, half), text.substr(half));
    }
  }
  return 0;
}
