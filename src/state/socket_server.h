// Lets commands ask the engine: listens on a socket in the folder of the state, which only the
// folder's user can reach, and answers each connection on a thread of its own, away from the loops.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "state/service.h"

namespace selvage::state {

class SocketServer {
 public:
  /// Makes the answers for one connection.
  using MakeService = std::function<std::unique_ptr<Service>()>;

  /// Takes the place of a socket that an engine before it left in `directory`: whoever starts this
  /// has the data folder to itself.
  static Result<std::unique_ptr<SocketServer>> listen(const std::string& directory,
                                                      MakeService make_service);
  /// Ends every connection, waits for the requests that run, and removes the socket.
  ~SocketServer();
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;

 private:
  struct Connection {
    int fd = -1;  // the Wire's; -1 once it is closed
    bool done = false;
    std::thread thread;
  };

  SocketServer(int folder, int listener, MakeService make_service);
  void accept_loop();
  void serve(Connection& connection);
  void reap();

  const int folder_;
  const int listener_;
  const MakeService make_service_;
  std::mutex mutex_;
  std::list<Connection> connections_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace selvage::state
