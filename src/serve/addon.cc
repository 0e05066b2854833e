// What node loads: main() serves, buildSnapshot() makes the startup snapshot.
#include <dlfcn.h>
#include <node.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/log.h"
#include "js/native.h"
#include "js/snapshot.h"
#include "serve/control_channel.h"
#include "serve/engine.h"
#include "worker/natives.h"

namespace selvage::serve {
namespace {

constexpr int kControlDescriptor = 3;

node::MultiIsolatePlatform* platform = nullptr;

std::string directory_of_addon() {
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(&directory_of_addon), &info);
  return std::filesystem::path(info.dli_fname).parent_path().string();
}

[[noreturn]] void quit(int status) {
  // Not exit(): node's own teardown has nothing of ours to close.
  _exit(status);
}

// main(): blocks until the supervisor ends it.
void serve(const js::Arguments&) {
  signal(SIGPIPE, SIG_IGN);
  // Ctrl-C goes to the whole group; the supervisor decides what it means.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  ControlChannel channel(kControlDescriptor);
  auto message = channel.receive();
  if (!message || !*message || (**message)["type"] != "start") {
    log_error("engine", "no configuration on file descriptor 3: the engine is started by selvage");
    quit(2);
  }
  auto config = deploy::engine_config_from_json(**message);
  if (!config) {
    log_error("engine", config.error().describe());
    quit(2);
  }
  {
    Engine engine(platform, channel, directory_of_addon() + "/selvage.snapshot");
    if (Status started = engine.start(std::move(*config)); !started) {
      log_error("engine", started.error().describe());
      quit(1);
    }
    engine.run();
  }
  quit(0);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

// buildSnapshot(folder of the builtins' scripts, output path): ends the process, or throws an Error
void build_snapshot(const js::Arguments& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const std::filesystem::path folder = js::to_utf8(isolate, info[0]);
  const std::string script = read_file(folder / "builtins.js");
  std::vector<js::Snapshot::GroupSource> groups;
  for (const auto& file : std::filesystem::directory_iterator(folder / "groups")) {
    groups.push_back({file.path().stem().string(), read_file(file.path())});
  }
  std::sort(groups.begin(), groups.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  const std::string path = js::to_utf8(isolate, info[1]);
  const std::vector<js::Native> natives = worker::all_natives();
  Status built;
  // A thread of its own: an isolate is entered here already.
  std::thread([&] { built = js::Snapshot::build(platform, natives, script, groups, path); }).join();
  if (built) quit(0);
  js::throw_error(isolate, built.error().describe());
}

}  // namespace
}  // namespace selvage::serve

// node's macro casts the function to a type with one more argument.
#pragma clang diagnostic ignored "-Wcast-function-type-mismatch"
NODE_MODULE_INIT() {
  (void)module;
  selvage::serve::platform = node::GetMultiIsolatePlatform(node::GetCurrentEnvironment(context));
  NODE_SET_METHOD(exports, "main", selvage::serve::serve);
  NODE_SET_METHOD(exports, "buildSnapshot", selvage::serve::build_snapshot);
}
