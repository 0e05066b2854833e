// Places where the program can be broken on purpose, to prove that the fault campaign
// (tests/faults) notices. What is shipped is compiled without them: SELVAGE_BROKEN(...) is `false`.
#pragma once

#ifdef SELVAGE_BROKEN_VARIANTS
#include <string_view>

namespace selvage {
/// The one that is broken now, for what runs on this thread.
inline thread_local std::string_view broken_variant;
}  // namespace selvage
#define SELVAGE_BROKEN(name) (::selvage::broken_variant == (name))
#else
#define SELVAGE_BROKEN(name) false
#endif
