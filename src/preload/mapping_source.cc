#include "preload/mapping_source.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// Loaded before the C library, into a program that knows nothing of it: nothing here may allocate,
// throw, or need a library.
namespace {

thread_local const selvage_mapping_source* source = nullptr;

// While the source works, what it maps comes from the system.
class Aside {
 public:
  Aside() { source = nullptr; }
  ~Aside() { source = source_; }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  const selvage_mapping_source* operator->() const { return source_; }

 private:
  const selvage_mapping_source* source_ = source;
};

}  // namespace

extern "C" {

void selvage_map_from(const selvage_mapping_source* next) { source = next; }

// The program asks for mmap64, as everything does that is compiled with 64-bit file offsets.
__attribute__((visibility("default"))) void* mmap64(void* address, size_t length, int protection,
                                                    int flags, int descriptor, off64_t offset) {
  if (source != nullptr && flags == (MAP_PRIVATE | MAP_ANONYMOUS) &&
      protection == (PROT_READ | PROT_WRITE)) {
    const Aside aside;
    if (void* const mapped = aside->map(length); mapped != nullptr) return mapped;
  }
  const long result =  // NOLINT(google-runtime-int): what syscall() returns
      syscall(SYS_mmap, address, length, protection, flags, descriptor, offset);
  return result == -1 ? MAP_FAILED : reinterpret_cast<void*>(result);  // NOLINT
}

__attribute__((visibility("default"))) int munmap(void* address, size_t length) noexcept {
  if (source != nullptr) {
    const Aside aside;
    if (aside->unmap(address, length)) return 0;
  }
  return static_cast<int>(syscall(SYS_munmap, address, length));
}
}
