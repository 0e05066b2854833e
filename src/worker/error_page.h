// What a client sees when a worker could not answer.
#pragma once

#include <string>
#include <string_view>

#include "http/exchange.h"

namespace selvage::worker {

struct ErrorPage {
  int status = 500;
  std::string title;   // "Worker threw an exception"
  std::string detail;  // a sentence or a stack; shown only where `revealing`
  std::string remedy;
};

/// Answers with the page: HTML for a browser (Accept has text/html), else plain text. `revealing`:
/// with the detail (development).
void respond_error(http::Exchange& exchange, const ErrorPage& page, bool revealing);

}  // namespace selvage::worker
