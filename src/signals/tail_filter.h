// Which records a tail wants: the filters of Cloudflare's API, all of which must hold.
//
//   [{"sampling_rate":0.5}, {"outcome":["ok","exception",...]}, {"method":["GET",...]},
//    {"header":{"key":"X-A","query":"text"}}, {"client_ip":["1.2.3.4","self"]}, {"query":"text"},
//    {"scriptVersion":"id"}]
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "signals/record.h"

namespace selvage::signals {

/// A value.
class TailFilter {
 public:
  /// `self`: the address that "self" means. ErrorCode::invalid_argument names what is not known.
  static Result<TailFilter> parse(const nlohmann::json& filters, const std::string& self);

  /// `dice`: evenly distributed in [0, 1).
  [[nodiscard]] bool admits(const Record& record, double dice) const;

 private:
  double sampling_rate_ = 1;
  std::vector<std::string> outcomes_;
  std::vector<std::string> methods_;
  std::vector<std::string> addresses_;
  std::string header_key_;
  std::string header_query_;
  SearchText query_;
  std::string version_;
};

}  // namespace selvage::signals
