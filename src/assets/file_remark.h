// What is wrong with a line of _headers or _redirects. The line has no effect; the file does.
#pragma once

#include <string>

namespace selvage::assets {

struct FileRemark {
  int line = 0;  // from 1
  std::string message;
};

}  // namespace selvage::assets
