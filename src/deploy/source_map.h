// Source maps, version 3 (ECMA-426): from a place in bundled code to the place its author knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace selvage::deploy {

/// Immutable once parsed; any thread.
class SourceMap {
 public:
  struct Position {
    std::string source;  // as the map names it, with sourceRoot in front
    int line = 0;        // from 1
    int column = 0;      // from 1
  };

  static Result<SourceMap> parse(std::string_view json);

  /// The original of a generated place (both from 1); nullopt where the map has none.
  [[nodiscard]] std::optional<Position> find(int line, int column) const;

  /// `stack` with every "name:line:column" whose name is `generated` put in the author's terms.
  [[nodiscard]] std::string map_stack(std::string_view stack, std::string_view generated) const;

 private:
  struct Segment {
    int line;  // generated, from 0
    int column;
    int source;  // -1: no original
    int source_line;
    int source_column;
  };
  std::vector<std::string> sources_;
  std::vector<Segment> segments_;  // in the order of (line, column)
};

}  // namespace selvage::deploy
