// The Web platform's natives: tables of plain functions for builtins/, which trust their arguments
// as builtins/native_interface.d.ts types them. None keeps state between calls, but for bytes that
// JavaScript itself owns.
#pragma once

#include <span>
#include <vector>

#include "js/native.h"

namespace selvage::web {

extern const std::span<const js::Native> kUrlNatives;
extern const std::span<const js::Native> kTextNatives;
extern const std::span<const js::Native> kBase64Natives;
extern const std::span<const js::Native> kCryptoNatives;
extern const std::span<const js::Native> kKeyNatives;
extern const std::span<const js::Native> kCloneNatives;
extern const std::span<const js::Native> kInspectNatives;
extern const std::span<const js::Native> kCodecNatives;

/// All of them, in the order that is part of the snapshot.
std::vector<js::Native> natives();

}  // namespace selvage::web
