#include "object/hot_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <array>

namespace selvage::object {
namespace {

struct alignas(HotMemory::kLine) Lines {
  std::array<char, 300 * HotMemory::kLine> bytes;
  [[nodiscard]] const char* at(size_t line, size_t byte = 0) const {
    return bytes.data() + line * HotMemory::kLine + byte;
  }
};
constinit Lines lines{};

TEST(HotMemoryTest, HasTheLinesThatBytesAreIn) {
  HotMemory memory;
  memory.add(lines.at(2, 60), 8);  // in two lines
  EXPECT_EQ(memory.lines(), 2u);
  EXPECT_TRUE(memory.has(lines.at(2)));
  EXPECT_TRUE(memory.has(lines.at(3, 63)));
  EXPECT_FALSE(memory.has(lines.at(1, 63)));
  EXPECT_FALSE(memory.has(lines.at(4)));

  memory.add(lines.at(5), 0);
  EXPECT_EQ(memory.lines(), 2u);
  memory.clear();
  EXPECT_EQ(memory.lines(), 0u);
  EXPECT_FALSE(memory.has(lines.at(2)));
}

TEST(HotMemoryTest, DropsWhatItHasNoRoomFor) {
  HotMemory memory;
  memory.add(lines.at(0), sizeof lines.bytes);
  EXPECT_EQ(memory.lines(), HotMemory::kMostLines);
  EXPECT_TRUE(memory.has(lines.at(HotMemory::kMostLines - 1, 63)));
  EXPECT_FALSE(memory.has(lines.at(HotMemory::kMostLines)));

  memory.clear();
  for (size_t line = 0; line < 2 * HotMemory::kSpans; ++line) memory.add(lines.at(line), 1);
  EXPECT_EQ(memory.lines(), HotMemory::kSpans);
  EXPECT_FALSE(memory.has(lines.at(HotMemory::kSpans)));
}

TEST(HotMemoryTest, FetchesWhatIsGone) {
  constexpr size_t kBytes = 1 << 16;
  void* block = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  HotMemory memory;
  memory.add(block, kBytes);
  memory.add(static_cast<const void*>(nullptr), HotMemory::kLine);
  munmap(block, kBytes);
  memory.fetch();  // and nothing happens
  EXPECT_EQ(memory.lines(), HotMemory::kMostLines);
}

}  // namespace
}  // namespace selvage::object
