// Runs workers' cron triggers when they are due: one for the process, on one site's loop. Runs may
// overlap; none is repeated. What was dealt with is kept in the file "crons.json" of the data
// folder, so that an engine which starts knows what its predecessor did: what came due within the
// last minute still runs, what is older is told of in the log. The file is a hint, written without
// a sync: after a power failure a trigger may run twice, or be told of although it ran.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "deploy/cron/cron_schedule.h"
#include "deploy/worker_version.h"
#include "serve/loop_site.h"

namespace selvage::serve {

/// The loop's holder only. `site` must outlive it.
class CronClock {
 public:
  CronClock(LoopSite& site, const deploy::CronLimits& limits, const std::string& data_directory);
  ~CronClock();
  CronClock(const CronClock&) = delete;
  CronClock& operator=(const CronClock&) = delete;

  /// The triggers of these workers, from now on.
  void deploy(const std::vector<deploy::WorkerVersion>& versions);
  /// Starts no more; what runs goes on.
  void stop();

 private:
  void look();
  void save() const;

  LoopSite& site_;
  const deploy::CronLimits& limits_;
  const std::string path_;
  deploy::CronSchedule schedule_;
  loop::Timer timer_;
  bool stopped_ = false;
};

}  // namespace selvage::serve
