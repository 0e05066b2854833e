// The registry of Durable Object namespaces on the disk: `namespaces.json` in the folder of a
// platform's state. Replaced as a whole, atomically; never edited in place.
#pragma once

#include <string>

#include "base/result.h"
#include "deploy/object_namespaces.h"
#include "store/file.h"

namespace selvage::deploy {

/// What `directory` holds; an empty registry when it holds none yet.
Result<NamespaceRegistry> read_namespaces(store::FileSystem& files, const std::string& directory);

/// Durable when it returns. After a failure the old registry or the new one is there.
Status write_namespaces(store::FileSystem& files, const std::string& directory,
                        const NamespaceRegistry& registry);

}  // namespace selvage::deploy
