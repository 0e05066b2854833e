// What each key of a wrangler configuration means.
#pragma once

#include <string>
#include <string_view>

#include "deploy/project/project_config.h"
#include "deploy/project/table_reader.h"

namespace selvage::deploy {

/// Reads the root, or the table of a named environment over what the root said: a key that is
/// present replaces what `config` holds. `config.directory` must be set. Does not finish() `table`.
void read_settings(TableReader& table, ReadContext& context, const ReadOptions& options,
                   ProjectConfig& config);

/// A valid name for a worker, from any text: "My Project" becomes "my-project".
std::string worker_name_from(std::string_view text);

}  // namespace selvage::deploy
