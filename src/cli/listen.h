// The listening sockets. The supervisor owns them, so that they stay open, and clients wait instead
// of being refused, while an engine is replaced.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/reactor.h"
#include "deploy/engine_config.h"

namespace selvage::cli {

struct ListeningSockets {
  std::vector<Descriptor> descriptors;
  std::vector<deploy::Listener> listeners;  // of these descriptors, in the same order
  uint16_t port = 0;
};

/// Opens one socket for each loop and address (SO_REUSEPORT: the kernel spreads connections over
/// the loops). `host` is "localhost" (127.0.0.1, and ::1 where the machine has it) or a numeric
/// address; "0.0.0.0" and "::" listen on all interfaces. Port 0 takes a free one. Fails when
/// anything else, another `selvage` included, listens there.
Result<ListeningSockets> listen_on(const std::string& host, uint16_t port, int threads);

}  // namespace selvage::cli
