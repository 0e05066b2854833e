#include "deploy/platform/seal.h"

#include <gtest/gtest.h>

namespace selvage::deploy {
namespace {

TEST(SecretBox, GivesBackWhatWasSealedForTheSamePlace) {
  const SecretBox box("key of the installation");
  const std::string sealed = box.seal("s3cret", "account/worker/NAME");
  EXPECT_EQ(box.open(sealed, "account/worker/NAME").value(), "s3cret");
  EXPECT_EQ(box.open(box.seal("", "x"), "x").value(), "");
  EXPECT_NE(sealed, box.seal("s3cret", "account/worker/NAME"));
  EXPECT_EQ(sealed.find("s3cret"), std::string::npos);
}

TEST(SecretBox, RefusesAnotherPlaceAnotherKeyAndDamage) {
  const SecretBox box("key");
  std::string sealed = box.seal("s3cret", "a/w/N");
  EXPECT_FALSE(box.open(sealed, "b/w/N"));
  EXPECT_FALSE(SecretBox("other").open(sealed, "a/w/N"));
  EXPECT_FALSE(box.open("", "a/w/N"));
  EXPECT_FALSE(box.open("not base64!", "a/w/N"));
  sealed[5] = sealed[5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(box.open(sealed, "a/w/N"));
}

TEST(Seal, MakesDigestsAndUuidsAsTheStandardsSay) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const std::string id = random_uuid();
  ASSERT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(id, random_uuid());
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace selvage::deploy
