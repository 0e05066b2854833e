// The layers of an object's pages, where SQLite does not show how they behave.
#include "object/object_pages.h"

#include <gtest/gtest.h>

#include "store/simulated_file_system.h"

namespace selvage::object {
namespace {

class ObjectPagesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.create_directories("/o"));
    auto pages = ObjectPages::open({"ns", std::string(64, 'a')}, "/o/a.sqlite", disk_, memory_);
    ASSERT_TRUE(pages) << pages.error().describe();
    pages_ = std::move(*pages);
  }
  void write(uint32_t number, char c) { pages_->write(number, std::string(kPageSize, c).data()); }
  void commit() { pages_->commit(++sequence_, 1); }
  void checkpoint() {
    const ObjectPages::Snapshot snapshot = pages_->snapshot();
    ASSERT_TRUE(pages_->write_out(snapshot));
    pages_->finish(snapshot);
  }
  char first_byte(uint32_t number) {
    char byte = '?';
    EXPECT_TRUE(pages_->read(number, 0, &byte, 1));
    return byte;
  }

  store::SimulatedFileSystem disk_{1};
  PagesInMemory memory_;
  std::shared_ptr<ObjectPages> pages_;
  uint64_t sequence_ = 0;
};

// It did, from the file, after a checkpoint: a restore that compared pages took it for one that was
// as it should be.
TEST_F(ObjectPagesTest, APageThatWasDroppedDoesNotComeBack) {
  for (uint32_t number = 1; number <= 4; ++number) write(number, 'a');
  commit();
  checkpoint();
  pages_->set_page_count(2);
  commit();
  write(4, 'b');  // SQLite need not write a page that it has no use for
  commit();
  EXPECT_EQ(first_byte(3), '\0');
  checkpoint();
  EXPECT_EQ(first_byte(2), 'a');
  EXPECT_EQ(first_byte(3), '\0');
  EXPECT_EQ(first_byte(4), 'b');
  EXPECT_EQ(disk_.content("/o/a.sqlite")->size(), 4 * kPageSize);
}

}  // namespace
}  // namespace selvage::object
