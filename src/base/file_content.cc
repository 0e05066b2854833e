#include "base/file_content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace selvage {

Result<std::string> read_file(const std::string& path) {
  const auto cannot_read = [&path] { return fail_errno(errno, "cannot read " + path); };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return cannot_read();
  const struct Closing {
    int fd;
    ~Closing() { ::close(fd); }
  } closing{fd};
  // A pipe or a file of /proc has no size: read on until nothing comes.
  constexpr size_t kLeast = 4096;
  struct stat status{};
  const size_t expected = ::fstat(fd, &status) == 0 ? static_cast<size_t>(status.st_size) + 1 : 0;
  std::string content(std::max(kLeast, S_ISREG(status.st_mode) ? expected : 0), '\0');
  for (size_t size = 0;;) {
    const ssize_t got = ::read(fd, content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read();
    size += static_cast<size_t>(got);
    if (got == 0) {
      content.resize(size);
      return content;
    }
    if (size == content.size()) content.resize(2 * size);
  }
}

}  // namespace selvage
