#include "cli/output.h"

#include <iostream>

namespace selvage::cli {

void print_json(const nlohmann::ordered_json& value) {
  std::cout << value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

}  // namespace selvage::cli
