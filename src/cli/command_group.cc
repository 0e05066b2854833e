#include "cli/command_group.h"

#include <iostream>

#include "cli/terminal.h"

namespace selvage::cli {

int CommandGroup::run() {
  const Result<int> status = perform();
  std::cout.flush();
  if (status) return *status;
  Terminal().error(status.error());
  return 1;
}

}  // namespace selvage::cli
