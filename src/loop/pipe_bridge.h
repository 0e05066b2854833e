// Carries a pipe's bytes from one loop to another.
#pragma once

#include <memory>

#include "loop/loop.h"
#include "loop/pipe.h"

namespace selvage::loop {

/// `source` belongs to `from`, whose holder calls this. Returns a pipe that belongs to `to`, and
/// that only it may touch: what `source` gives arrives there, with back-pressure, its end and its
/// failure; canceling it cancels `source`. Both loops must live until then.
std::shared_ptr<Pipe> bridge(std::shared_ptr<Pipe> source, Loop& from, Loop& to);

}  // namespace selvage::loop
