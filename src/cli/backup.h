// A backup of a whole data folder, made while a platform runs on it, and the way back.
//
// A backup is a folder that a data folder can be made of by copying: each SQLite database as of one
// moment, each Durable Object as of its last commit when it was its turn, every other file as it
// is. What can be made again (caches, bundles) is not in it, nor is the commit log: the objects'
// files have all that it has. `backup.json` lists the files with their sizes and hashes.
//
// It contains the key of the installation and what the platform stores: only its owner may read it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "cli/state_source.h"

namespace selvage::cli {

struct BackupReport {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t objects = 0;  // Durable Objects among them
};

/// Makes the folder `destination`, durably; it is there whole or not at all. `data` is the data
/// folder that `source` is about.
Result<BackupReport> back_up(StateSource& source, const std::string& data,
                             const std::string& destination);

/// Makes the data folder `data` of a backup, durably; likewise. Damage of the backup is an error
/// that names the file. `data` must not be there, or be empty.
Result<BackupReport> restore(const std::string& backup, const std::string& data);

}  // namespace selvage::cli
