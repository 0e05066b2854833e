// Which files are modules of which type: the default rules and the project's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/project/project_config.h"

namespace selvage::cli {

/// Whether a glob ("**/*.txt", "assets/?.{html,md}") matches a relative path with '/'. `*` and `?`
/// stop at '/', `**` does not; a class is [abc] or [!abc]; {a,b} is a choice.
bool glob_matches(std::string_view glob, std::string_view path);

/// The project's rules, followed by the default rules of every type that the project has no rule
/// for (or only rules that fall through): Text **/*.txt, **/*.html, **/*.sql; Data **/*.bin;
/// CompiledWasm **/*.wasm, **/*.wasm?module.
std::vector<deploy::ModuleRule> effective_rules(const std::vector<deploy::ModuleRule>& own);

/// Of the first rule that matches.
std::optional<deploy::ModuleRule::Type> type_by_rules(const std::vector<deploy::ModuleRule>& rules,
                                                      std::string_view path);

/// The file extensions (".txt") that rules for texts, data and wasm name, with their types: what
/// esbuild copies instead of bundling.
std::vector<std::pair<std::string, deploy::ModuleRule::Type>> copied_extensions(
    const std::vector<deploy::ModuleRule>& rules);

}  // namespace selvage::cli
