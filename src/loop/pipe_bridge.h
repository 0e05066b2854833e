// Carries a pipe's bytes into another pipe: on the same loop, or from one loop to another.
#pragma once

#include <memory>

#include "loop/loop.h"
#include "loop/pipe.h"

namespace selvage::loop {

/// `source` belongs to `from`, whose holder calls this. Returns a pipe that belongs to `to`, and
/// that only it may touch: what `source` gives arrives there, with back-pressure, its end and its
/// failure; canceling it cancels `source`. Both loops must live until then.
std::shared_ptr<Pipe> bridge(std::shared_ptr<Pipe> source, Loop& from, Loop& to);

/// Both pipes belong to the loop whose holder calls this. What `source` gives is written to `sink`,
/// with back-pressure, its end and its failure; canceling `sink` cancels `source`. Takes the place
/// of the sink's producer and of the source's consumer.
void join(std::shared_ptr<Pipe> source, std::shared_ptr<Pipe> sink);

}  // namespace selvage::loop
