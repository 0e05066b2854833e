// Reads what a configuration says that only a deployment needs: where the worker answers, and what
// the platform keeps beside its versions.
#pragma once

#include "deploy/project/project_config.h"
#include "deploy/project/table_reader.h"

namespace selvage::deploy {

void read_deployment(TableReader& table, ReadContext& context, ProjectConfig& config);

}  // namespace selvage::deploy
