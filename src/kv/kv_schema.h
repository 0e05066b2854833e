// The tables of Workers KV's database, and how older ones become them. The page for people is
// docs/storage-format.md; this and that page change together.
#pragma once

#include <string>

#include "store/sqlite.h"

namespace selvage::kv {

/// Makes the tables where there are none. ErrorCode::unsupported when the database is of a newer
/// program; `path` is for the message.
Status prepare_schema(store::Database& database, const std::string& path);

}  // namespace selvage::kv
