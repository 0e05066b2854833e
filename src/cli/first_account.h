// The account that a platform begins with, and the token that its owner deploys with.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace selvage::cli {

struct FirstAccount {
  std::string id;
  std::string token;  // may write; only its hash is kept
};

/// Gets the store of a platform ready for an engine, which does not run yet. `state_directory`: of
/// the data folder. nullopt when there is an account already.
Result<std::optional<FirstAccount>> prepare_platform(const std::string& state_directory);

}  // namespace selvage::cli
