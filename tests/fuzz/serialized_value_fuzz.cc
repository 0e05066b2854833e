// Values that objects stored: any bytes give an answer, and what is shown is JSON.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "expect.h"
#include "state/serialized_value.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto value = selvage::state::read_serialized(bytes);
  if (value) {
    selvage::fuzz::expect(!value->dump().empty(), "what is read can be shown");
  } else {
    selvage::fuzz::expect(!value.error().message.empty(), "a failure says why");
  }
  return 0;
}
