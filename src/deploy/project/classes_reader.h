// Reads what a configuration says about Durable Object classes: "migrations" and "exports".
#pragma once

#include "deploy/project/project_config.h"
#include "deploy/project/table_reader.h"

namespace selvage::deploy {

void read_classes(TableReader& table, ReadContext& context, ProjectConfig& config);

}  // namespace selvage::deploy
